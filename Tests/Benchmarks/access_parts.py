"""What it takes to tell how installation, settings, secrets and tasks stand, and to know who asks. Each takes the programs and the
run's length, and gives a Result."""

import re
import threading
import time
from contextlib import ExitStack
from statistics import median

from cluster_parts import FLOOR
from deployment_parts import ADA, PATH, Client, Hub, embedded_client
from programs import HERE, Failure
from results import Result, Row, Table, spread

DEPLOYMENTS = 200
# What is changed in a second while reads are measured.
CHANGES = 50
RATE = 500
READS = [
    "/api/settings", "/api/settings/providers", "/api/settings/providers/kuberay", "/api/cluster/status", "/api/runtimes/status",
    "/api/installation/providers/kuberay/status", "/api/installation/providers/kuberay/commands",
    "/api/installation/gpu-operator/status", "/api/installation/helm/status", "/api/autoscaler/detection",
    "/api/autoscaler/status", "/api/secrets/huggingface/status", "/api/oauth/huggingface/config", "/api/tasks",
]
# Each needs other permissions: none, one that is always the same, those of a list, that of an object.
GUARDED = ["/api/settings", "/api/cluster/nodes", f"{PATH}?limit=1", f"{PATH}/bench-7?namespace=default"]
HELM = HERE.parent / "Fixtures" / "helm" / "helm"

# How the cluster autoscaler tells how it stands.
AUTOSCALER = {
    "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cluster-autoscaler-status", "namespace": "kube-system"},
    "data": {"status": "time: 2026-01-15 10:30:00.0 +0000 UTC\nautoscalerStatus: Running\nclusterWide:\n  health:\n    status: Healthy\n"
             "nodeGroups:\n- name: pool-a\n  health:\n    status: Healthy\n    minSize: 0\n    maxSize: 5\n"},
}


def access(programs, length):
    """Reading how things stand, and being known by a token."""
    with ExitStack() as stack:
        hub = stack.enter_context(Hub())
        cluster = stack.enter_context(programs.ingot(cluster="embedded"))
        kubeconfig = programs.embedded_kubeconfig
        admin = embedded_client(kubeconfig)
        helm = programs.directory / "helm"
        helm.mkdir()
        environment = {"HF_ENDPOINT": hub.url, "HELM_PATH": str(HELM), "HELM_STAND_IN": str(helm)}
        ingot = stack.enter_context(programs.ingot_of(kubeconfig, "ingot-of-anybody", **environment))
        guarded = stack.enter_context(
            programs.ingot_of(kubeconfig, "ingot-of-users", **environment, INGOT_AUTH_MODE="token-review"))
        token = user_token(admin)
        admin.post("/api/v1/namespaces/kube-system/configmaps", AUTOSCALER)
        prepare(Client.of(cluster), Client.of(ingot), Client.of(guarded, token))
        results = [reading(programs, length, ingot, admin, helm, hub), knowing(programs, length, ingot, guarded, token)]
        cluster.forget_log()
    return Result(
        "access", [row for result in results for row in result.rows], [table for result in results for table in result.tables])


def prepare(cluster, ingot, guarded):
    """A runtime, a token of the Hub, settings and deployments, so that there is something to tell of."""
    cluster.post("/api/installation/providers/kuberay/install", {})
    for client in (ingot, guarded):
        wait_until(lambda: client.send("GET", "/api/cluster/status")["connected"], "the cluster is known")
    ingot.post("/api/secrets/huggingface", {"accessToken": ADA})
    ingot.send("PUT", "/api/settings", {"activeProviderId": "kuberay"})
    for number in range(DEPLOYMENTS):
        ingot.post(PATH, {
            "name": f"bench-{number}", "namespace": "default", "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm", "replicas": 0})
    wait_until(lambda: ingot.send("GET", "/api/autoscaler/status")["nodeGroups"], "the autoscaler is known")
    for client in (ingot, guarded):
        wait_until(
            lambda: client.send("GET", f"{PATH}?limit=1")["pagination"]["total"] == DEPLOYMENTS, "all deployments are known")


def wait_until(condition, what):
    end = time.monotonic() + 60
    while True:
        try:
            if condition():
                return
            problem = "not yet"
        except Failure as failure:
            problem = failure
        if time.monotonic() > end:
            raise Failure(f"{what}: {problem}")
        time.sleep(0.05)


# Reading


class Changes:
    """Changes what the answers tell of, evenly, until the `with` block ends."""

    def __init__(self, admin):
        self.admin, self.stopped, self.count = admin, threading.Event(), 0
        self.failure = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        deployments = admin.send("GET", "/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fname%3Dkuberay-operator")
        self.operators = [
            f"/apis/apps/v1/namespaces/{item['metadata']['namespace']}/deployments/{item['metadata']['name']}"
            for item in deployments["items"]]

    def targets(self):
        nodes = [f"/api/v1/nodes/{item['metadata']['name']}" for item in self.admin.send("GET", "/api/v1/nodes")["items"]]
        secret = "/api/v1/namespaces/ingot-system/secrets/ingot-hf-token"
        scaler = "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status"
        return ["/api/v1/namespaces/ingot-system/configmaps/ingot-settings", secret, scaler, *nodes[:1], *self.operators]

    def run(self):
        try:
            targets = self.targets()
            due = time.monotonic()
            while not self.stopped.wait(max(0, due - time.monotonic())):
                mark = {"metadata": {"annotations": {"bench/number": str(self.count)}}}
                self.admin.send("PATCH", targets[self.count % len(targets)], mark, "application/merge-patch+json")
                self.count += 1
                due += 1 / CHANGES
        except Exception as failure:
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


def sent(ingot):
    """How many requests Ingot has sent, to whomever."""
    text = ingot.fetch("/metrics").decode()
    return sum(float(value) for value in re.findall(r"^http_client_requests_total\{[^}]*\} (\S+)", text, re.M))


def helm_calls(helm):
    calls = helm / "calls.jsonl"
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def reading(programs, length, ingot, admin, helm, hub):
    """Each answer at a fixed rate, while what it tells of changes."""
    measured, asked, helped, told = {}, 0, 0, 0
    seconds = max(1, length.seconds // 2)
    if sent(ingot) == 0:
        raise Failure("Ingot counts no requests that it sends")
    size = {path: len(ingot.fetch(path)) for path in READS}
    with Changes(admin) as changes, programs.floor() as floor:
        begin = time.monotonic()
        for _ in range(length.rounds):
            for path in READS:
                # So that it is known again for half a minute.
                ingot.fetch("/api/installation/helm/status")
                before = sent(ingot), helm_calls(helm), len(hub.requests)
                measured.setdefault(path, []).append(programs.pace(ingot, 16, RATE, seconds, path))
                after = sent(ingot), helm_calls(helm), len(hub.requests)
                asked, helped, told = (
                    total + late - early for total, early, late in zip((asked, helped, told), before, after))
            measured.setdefault(FLOOR, []).append(programs.pace(floor, 16, RATE, seconds))
            ingot.forget_log()
        rate = changes.count / (time.monotonic() - begin)
    if changes.failure:
        raise Failure(f"changing objects: {changes.failure!r}")
    table = Table(
        f"GET at {RATE} requests/s over 16 connections, {rate:.0f} changes a second of what the answers tell of",
        ["Path", "Bytes", "Median, ms", "p99, ms", "Longest, ms"])
    for path, rounds in measured.items():
        columns = [spread([each[key] / 1000 for each in rounds], digits=2) for key in ("median", "p99", "longest")]
        table.rows.append([path, f"{size[path]:,}" if path in size else "", *columns])
    p99 = {path: median(each["p99"] for each in measured[path]) / 1000 for path in READS}
    worst = max(p99, key=p99.get)
    of_floor = median(ours["p99"] / theirs["p99"] for ours, theirs in zip(measured[worst], measured[FLOOR]))
    slowest = f"{p99[worst]:.2f} ms, {of_floor:.1f}× the floor, {worst}"
    rows = [
        Row("p99 of the slowest read of how things stand", slowest, "< 2 ms", p99[worst] < 2),
        Row("Requests that Ingot sent for these reads", f"{asked:.0f}, to the Hub {told}", "0", asked == 0 and told == 0),
        Row("Runs of helm for these reads", str(helped), f"≤ {length.rounds}, one each 30 s", helped <= length.rounds),
    ]
    return Result("access", rows, [table])


# Knowing who asks


def user_token(admin):
    """A token of somebody who may do everything."""
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    admin.post(accounts, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bench"}})
    group = "rbac.authorization.k8s.io"
    rights = f"/apis/{group}/v1"
    admin.post(f"{rights}/clusterroles", {
        "apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": "bench"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]})
    admin.post(f"{rights}/clusterrolebindings", {
        "apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "bench"},
        "subjects": [{"kind": "ServiceAccount", "name": "bench", "namespace": "default"}],
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "bench"}})
    wish = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    return admin.post(f"{accounts}/bench/token", wish)["status"]["token"]


def knowing(programs, length, ingot, guarded, token):
    """The same requests with and without a caller who must be known, in turn."""
    table = Table(
        "A request on one connection, callers known by TokenReview and SubjectAccessReview beside callers who need not be",
        ["Path", "Time, µs", "with a token, µs", "Difference, µs", "Processor time, µs", "with a token, µs", "Difference, µs"])
    worst = 0
    fields = {"Authorization": f"Bearer {token}"}
    for path in GUARDED:
        for server in (ingot, guarded):
            programs.wrk(server, 1, path, 1, fields)
        rounds = []
        for _ in range(length.rounds):
            rounds.append([*cost(programs, ingot, length, path, fields), *cost(programs, guarded, length, path, fields)])
            ingot.forget_log()
            guarded.forget_log()
        columns = list(zip(*rounds))
        times = [late - early for early, late in zip(columns[0], columns[2])]
        work = [late - early for early, late in zip(columns[1], columns[3])]
        table.rows.append([
            path, *(spread(values) for values in (columns[0], columns[2], times, columns[1], columns[3], work))])
        worst = max(worst, median(times), median(work))
    row = Row("What a known token adds to a request", f"{worst:.0f} µs", "< 100 µs", worst < 100)
    return Result("access", [row], [table])


def cost(programs, server, length, path, fields):
    """Microseconds that a request takes, and those of the server's processor time."""
    before, begin = server.cpu_seconds(), time.monotonic()
    rate = programs.wrk(server, length.seconds, path, 1, fields)
    passed = time.monotonic() - begin
    return 1e6 / rate, (server.cpu_seconds() - before) / (rate * passed) * 1e6
