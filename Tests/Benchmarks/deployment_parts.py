"""What it takes to tell of many deployments, and to make one. Each takes the programs and the run's length, and gives a Result."""

import http.client
import json
import ssl
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from cluster_parts import API_NODES, API_PODS, FLOOR, wait_until_synced
from programs import HERE, Failure
from results import Result, Row, Table, spread

# The stand-in for the Hub that the tests have.
sys.path.append(str(Path(HERE).parent / "Clients"))

from hub import ADA, Hub  # noqa: E402, F401

DEPLOYMENTS = 10_000
FEW_NODES, MANY_NODES = 20, 2_000
# Pods that change in a second while pages are read; a tenth as many objects of deployments do.
CHANGES = 300
# The same while clients follow: each change goes to each of them.
FOLLOWED_CHANGES = 100
FOLLOWERS = 1_000
PATH = "/api/deployments"
PAGE = f"{PATH}?limit=100"
PAGES = {
    "the newest 100": PAGE, "the oldest 100": f"{PAGE}&offset={DEPLOYMENTS - 100}",
    "100 of a namespace of 200": f"{PAGE}&namespace=team-00007"}


def deployments(programs, length):
    """Reading, following and making deployments where there are many."""
    results = [reading(programs, length), following(programs, length), creating(programs, length)]
    return Result(
        "deployments", [row for result in results for row in result.rows], [table for result in results for table in result.tables])


def deployments_api(programs, nodes, changes):
    return programs.deployments(nodes, DEPLOYMENTS, changes, f"deployments-{nodes}")


def wait_until_known(api, ingot, nodes):
    """Returns as soon as Ingot knows all deployments."""
    tenth = DEPLOYMENTS // 10
    wait_until_synced(api, ingot, {
        API_NODES: nodes, API_PODS: DEPLOYMENTS, "/apis/apps/v1/deployments": 8 * tenth,
        "/apis/serving.kserve.io/v1beta1/inferenceservices": tenth,
        "/apis/nvidia.com/v1alpha1/dynamographdeployments": tenth,
    })
    total = json.loads(ingot.fetch(f"{PATH}?limit=1"))["pagination"]["total"]
    if total != DEPLOYMENTS:
        raise Failure(f"ingot lists {total} deployments")


# Reading


def reading(programs, length):
    """Pages while changes come in, with few nodes and with many, in turn."""
    measured, asked, memory = {}, {}, {}
    with ExitStack() as stack:
        floor = stack.enter_context(programs.floor())
        servers = {}
        for nodes in (FEW_NODES, MANY_NODES):
            api = stack.enter_context(deployments_api(programs, nodes, CHANGES))
            ingot = stack.enter_context(programs.ingot_with(api))
            begin = time.monotonic()
            wait_until_known(api, ingot, nodes)
            servers[nodes] = (api, ingot)
            memory[nodes] = [ingot.resident_megabytes()]
        size = {name: len(servers[MANY_NODES][1].fetch(path)) for name, path in PAGES.items()}
        for _ in range(length.rounds):
            for nodes, (api, ingot) in servers.items():
                for name, path in PAGES.items():
                    before = int(api.fetch("/requests"))
                    measured.setdefault((name, nodes), []).append(programs.pace(ingot, 16, 200, length.seconds, path))
                    asked[nodes] = asked.get(nodes, 0) + int(api.fetch("/requests")) - before
                ingot.forget_log()
            measured.setdefault(FLOOR, []).append(programs.pace(floor, 16, 200, length.seconds))
        for nodes, (_, ingot) in servers.items():
            memory[nodes] += [ingot.resident_megabytes(), ingot.peak_megabytes()]
    table = Table(
        f"GET {PATH} at 200 requests/s over 16 connections, {DEPLOYMENTS:,} deployments, {CHANGES + CHANGES // 10} changes a second",
        ["What", "Nodes", "Bytes", "Median, ms", "p99, ms", "Longest, ms"])
    for key, rounds in measured.items():
        name, nodes = key if isinstance(key, tuple) else (key, None)
        times = [spread([each[what] / 1000 for each in rounds], digits=2) for what in ("median", "p99", "longest")]
        table.rows.append([name, f"{nodes:,}" if nodes else "", f"{size[name]:,}" if nodes else "", *times])
    knowing = Table(
        f"Memory with {DEPLOYMENTS:,} deployments with a pod each", ["Nodes", "At first, MB", "Under load, MB", "Peak, MB"])
    for nodes, values in memory.items():
        knowing.rows.append([f"{nodes:,}", *(f"{value:.0f}" for value in values)])
    page = [measured[next(iter(PAGES)), nodes] for nodes in (FEW_NODES, MANY_NODES)]
    p99 = median(each["p99"] for each in page[1]) / 1000
    slower = median(many["median"] / few["median"] for few, many in zip(*page))
    of_floor = median(ours["p99"] / theirs["p99"] for ours, theirs in zip(page[1], measured[FLOOR]))
    requests = sum(asked.values())
    rows = [
        Row("p99 of a page of 100 of 10,000 deployments", f"{p99:.2f} ms, {of_floor:.1f}× the floor", "< 5 ms", p99 < 5),
        Row("The same page, 2,000 nodes to 20", f"{slower:.2f}×", "≤ 1.2×", slower <= 1.2),
        Row("Requests to the API server for these reads", str(requests), "0", requests == 0),
        Row("Peak memory with 10,000 deployments", f"{memory[FEW_NODES][2]:.0f} MB, {memory[MANY_NODES][2]:.0f} MB with 2,000 nodes"),
    ]
    return Result("deployments", rows, [table, knowing])


# Following


def following(programs, length):
    """How long a change of a pod takes to those who follow deployments."""
    table = Table(
        f"From a change of a pod to followers of {PATH}/events, {FOLLOWED_CHANGES} changes a second",
        ["Followers", "Events a second", "Median, ms", "p99, ms", "Longest, ms"])
    with deployments_api(programs, MANY_NODES, FOLLOWED_CHANGES) as api, programs.ingot_with(api) as ingot:
        wait_until_known(api, ingot, MANY_NODES)
        for count in (1, FOLLOWERS):
            rounds = [programs.followers(ingot, f"{PATH}/events", count, length.seconds) for _ in range(length.rounds)]
            delay = median(each["median"] for each in rounds) / 1000
            table.rows.append([
                f"{count:,}", spread([each["rate"] for each in rounds]),
                *(spread([each[key] / 1000 for each in rounds], digits=1) for key in ("median", "p99", "longest"))])
        ingot.forget_log()
    row = Row(f"From a change of a pod to {FOLLOWERS:,} followers", f"{delay:.1f} ms", "≤ 150 ms", delay <= 150)
    return Result("deployments", [row], [table])


# Making


class Client:
    """A connection that stays open."""

    def __init__(self, connection, token=None):
        self.connection = connection
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    @classmethod
    def of(cls, server, token=None):
        return cls(http.client.HTTPConnection("127.0.0.1", server.port), token)

    def send(self, method, path, body=None, kind="application/json"):
        """The answer to a request, which must have worked."""
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, {**self.headers, "Content-Type": kind})
        response = self.connection.getresponse()
        answer = response.read()
        if response.status not in (200, 201):
            raise Failure(f"{method} {path}: {response.status} {answer[:500]}")
        return json.loads(answer)

    def post(self, path, body):
        return self.send("POST", path, body)


def creating(programs, length):
    """From the request for a deployment to its objects at the API server, and the same objects sent there directly."""
    table = Table(
        "POST /api/deployments: Deployment and Service, each tried by a dry run and then made",
        ["API server", "Through Ingot, median, ms", "The objects alone, median, ms", "Difference, median, ms", "p95, ms"])
    count = 10 * length.rounds
    worst = 0
    with Hub() as hub:
        environment = {"HF_ENDPOINT": hub.url}
        with deployments_api(programs, MANY_NODES, CHANGES) as api, programs.ingot_with(api, **environment) as ingot:
            wait_until_known(api, ingot, MANY_NODES)
            server = Client.of(api)
            times = created(ingot, server, "team-00007", count)
            table.rows.append([f"with {DEPLOYMENTS:,} deployments, which keeps nothing", *columns(times)])
            worst = max(worst, overhead(times))
        with programs.ingot(cluster="embedded") as cluster:
            kubeconfig = programs.embedded_kubeconfig
            with programs.ingot_of(kubeconfig, "ingot-of-embedded", **environment) as ingot:
                times = created(ingot, embedded_client(kubeconfig), None, count)
            table.rows.append(["the embedded cluster's, in a process of its own", *columns(times)])
            worst = max(worst, overhead(times))
            cluster.forget_log()
    row = Row("Making a deployment beside the API server's own time", f"{worst:.1f} ms", "< 50 ms", worst < 50)
    return Result("deployments", [row], [table])


def overhead(times):
    return median(ours - theirs for ours, theirs in times)


def columns(times):
    differences = sorted(ours - theirs for ours, theirs in times)
    middle = [median(values) for values in zip(*times)]
    return [f"{value:.1f}" for value in (*middle, median(differences), differences[len(differences) * 95 // 100])]


def embedded_client(kubeconfig):
    """Speaks with the embedded cluster as any client does."""
    config = json.loads(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    port = int(cluster["server"].rpartition(":")[2])
    # Whom it speaks with is not what is measured.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return Client(http.client.HTTPSConnection("127.0.0.1", port, context=context), config["users"][0]["user"]["token"])


def created(ingot, server, namespace, count):
    """Milliseconds that so many deployments took, each with what its objects took alone."""
    client = Client.of(ingot)
    times = []
    # The first ones make the namespace, open connections and read what the Hub knows of the model.
    for number in range(-3, count):
        wish = {"name": f"bench-{number + 3}", "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm", "resources": {"gpu": 1}}
        if namespace:
            wish["namespace"] = namespace
        alone = client.post(f"{PATH}/preview", wish | {"name": f"alone-{number + 3}"})
        begin = time.monotonic()
        client.post(PATH, wish)
        middle = time.monotonic()
        requests = [(address(part["manifest"]), part["manifest"]) for part in alone["resources"]]
        between = time.monotonic()
        for query in ("&dryRun=All", ""):
            for path, manifest in requests:
                server.post(f"{path}?fieldManager=bench&fieldValidation=Strict{query}", manifest)
        if number >= 0:
            times.append(((middle - begin) * 1000, (time.monotonic() - between) * 1000))
    return times


def address(manifest):
    """The path of the collection that an object goes to."""
    version = manifest["apiVersion"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/namespaces/{manifest['metadata']['namespace']}/{manifest['kind'].lower()}s"
