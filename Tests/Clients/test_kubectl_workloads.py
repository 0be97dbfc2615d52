"""kubectl runs workloads: scaling, rollouts, waiting, logs, jobs."""

import json
import re

import pytest
from cluster import deployment, pod, service, widget
from waiting import PATIENCE


@pytest.fixture
def web(kubectl):
    """A deployment of two pods that run."""
    kubectl.apply(deployment(), service())
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")


def images(kubectl):
    return kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.containers[0].image}").output.split()


# Scale


def test_scale_up_and_down(kubectl, web):
    assert kubectl("scale", "deployment/web", "--replicas=4").output == "deployment.apps/web scaled\n"
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    assert kubectl("get", "deploy", "web").table[0][:4] == ["web", "4/4", "4", "4"]
    kubectl("scale", "deployment/web", "--current-replicas=4", "--replicas=1")
    kubectl.until(lambda: len(images(kubectl)) == 1, "one pod is left")
    assert "Expected replicas to be 9" in kubectl.fails("scale", "deployment/web", "--current-replicas=9", "--replicas=1")
    kubectl("scale", "deployment/web", "--replicas=0")
    kubectl.until(lambda: not images(kubectl), "no pod is left")
    assert kubectl("get", "deploy", "web", "--subresource=scale", "-o", "jsonpath={.spec.replicas}").output == "0"


def test_scale_by_server_side_apply_owns_the_replicas(kubectl):
    kubectl.apply(deployment(replicas=1))

    session, server = kubectl.session()

    def scale(replicas, manager, force="false"):
        scale = {
            "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": replicas},
        }
        return session.patch(
            f"{server}/apis/apps/v1/namespaces/{kubectl.namespace}/deployments/web/scale",
            params={"fieldManager": manager, "force": force}, data=json.dumps(scale), timeout=PATIENCE,
            headers={"Content-Type": "application/apply-patch+yaml"},
        ).json()

    assert scale(3, "scaler", "true")["spec"]["replicas"] == 3
    assert scale(4, "other")["reason"] == "Conflict"
    owners = kubectl("get", "deploy", "web", "-o", "json", "--show-managed-fields").json["metadata"]["managedFields"]
    scaler = next(owner for owner in owners if owner["manager"] == "scaler")
    assert (scaler["operation"], scaler["subresource"]) == ("Apply", "scale")
    assert scaler["fieldsV1"] == {"f:spec": {"f:replicas": {}}}


def test_scale_a_custom_object(kubectl, widgets):
    kubectl.apply(widget())
    kubectl("scale", "widget/one", "--replicas=7")
    assert kubectl("get", "widget", "one", "-o", "jsonpath={.spec.size}").output == "7"
    assert "should be less than or equal to 100" in kubectl.fails("scale", "widget/one", "--replicas=101")


def test_scale_a_stateful_set_keeps_names_in_order(kubectl):
    kubectl.apply(service("db", clusterIP="None"), {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {"serviceName": "db", **deployment("db")["spec"]},
    })
    kubectl("rollout", "status", "statefulset/db", "--timeout=200s")
    assert [row[0] for row in kubectl("get", "pods").table] == ["db-0", "db-1"]
    assert kubectl("get", "sts", "db").table[0][:2] == ["db", "2/2"]
    kubectl("scale", "statefulset/db", "--replicas=1")
    kubectl("wait", "--for=delete", "pod/db-1", "--timeout=200s")
    assert [row[0] for row in kubectl("get", "pods").table] == ["db-0"]


# Rollouts


def test_set_image_rolls_pods_over(kubectl, web):
    assert kubectl("set", "image", "deployment/web", "main=nginx:1.28").output == "deployment.apps/web image updated\n"
    assert 'successfully rolled out' in kubectl("rollout", "status", "deployment/web", "--timeout=200s").output
    kubectl.until(lambda: images(kubectl) == ["nginx:1.28"] * 2, "only new pods are left")
    sets = kubectl("get", "rs", "-l", "app=web", "-o", "jsonpath={range .items[*]}{.spec.replicas}{end}").output
    assert sorted(sets) == ["0", "2"]


def test_rollout_history_undo_and_restart(kubectl, web):
    def history():
        return [line.split() for line in kubectl("rollout", "history", "deployment/web").lines[1:-1]]

    kubectl("annotate", "deploy", "web", "kubernetes.io/change-cause=first")
    # The controller hands an annotation on to the revision that is there when it sees it.
    kubectl.until(lambda: history() == [["REVISION", "CHANGE-CAUSE"], ["1", "first"]], "the first revision has its cause")
    kubectl("set", "image", "deployment/web", "main=nginx:1.28")
    kubectl("annotate", "deploy", "web", "kubernetes.io/change-cause=second", "--overwrite")
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    causes = [["REVISION", "CHANGE-CAUSE"], ["1", "first"], ["2", "second"]]
    kubectl.until(lambda: history() == causes, "the second revision has its cause")
    assert "nginx:1.27" in kubectl("rollout", "history", "deployment/web", "--revision=1").output
    assert "rolled back" in kubectl("rollout", "undo", "deployment/web").output
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    kubectl.until(lambda: images(kubectl) == ["nginx:1.27"] * 2, "the old image is back")
    assert [line.split()[0] for line in kubectl("rollout", "history", "deployment/web").lines[2:4]] == ["2", "3"]
    kubectl("rollout", "undo", "deployment/web", "--to-revision=2")
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    kubectl.until(lambda: images(kubectl) == ["nginx:1.28"] * 2, "revision 2 is back")
    before = set(kubectl("get", "pods", "-o", "name").lines)
    assert kubectl("rollout", "restart", "deployment/web").output == "deployment.apps/web restarted\n"
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    kubectl.until(lambda: not before & set(kubectl("get", "pods", "-o", "name").lines), "all pods are new")


def test_rollout_pause_and_resume(kubectl, web):
    kubectl("rollout", "pause", "deployment/web")
    kubectl("set", "image", "deployment/web", "main=nginx:1.28")
    kubectl("set", "env", "deployment/web", "MODE=fast")
    kubectl("set", "resources", "deployment/web", "--limits=memory=64Mi")
    assert "paused" in kubectl.fails("rollout", "restart", "deployment/web")
    assert images(kubectl) == ["nginx:1.27"] * 2
    kubectl("rollout", "resume", "deployment/web")
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    assert len(kubectl("rollout", "history", "deployment/web").lines[2:-1]) == 2
    assert kubectl("set", "env", "deployment/web", "--list").output.strip().endswith("MODE=fast")


def test_a_rollout_that_cannot_go_on_says_so(kubectl, web):
    broken = deployment(progressDeadlineSeconds=2)
    template = broken["spec"]["template"]
    template["metadata"]["annotations"] = {}
    template["spec"]["nodeSelector"] = {"absent": "yes"}
    kubectl.apply(broken)
    assert "exceeded its progress deadline" in kubectl.fails("rollout", "status", "deployment/web", "--timeout=200s")
    waiting = kubectl.until(
        lambda: kubectl("get", "pods", "--field-selector=status.phase=Pending", "-o", "jsonpath={.items[*].metadata.name}").output,
        "a pod waits").split()[0]
    count = len(kubectl("get", "nodes", "-o", "name").lines)
    reason = f"0/{count} nodes are available: {count} node(s) didn't match Pod's node affinity/selector."
    told = lambda: kubectl("describe", "pod", waiting).output
    kubectl.until(lambda: re.search("Warning +FailedScheduling .*" + re.escape(reason), told()), told)


def test_daemon_sets_run_on_every_node(kubectl):
    kubectl.apply({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"},
        "spec": {key: value for key, value in deployment("agent")["spec"].items() if key != "replicas"},
    })
    kubectl("rollout", "status", "daemonset/agent", "--timeout=200s")
    nodes = kubectl("get", "nodes", "-l", "ingot.dev/simulated=true", "-o", "name").lines
    found = kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").output.split()
    assert sorted(f"node/{name}" for name in found) == sorted(nodes)
    assert kubectl("get", "ds", "agent").table[0][1:4] == [str(len(nodes))] * 3


# Wait


def test_wait_for_conditions_fields_and_deletion(kubectl):
    kubectl.apply(deployment(), pod())
    assert kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=200s").output == "deployment.apps/web condition met\n"
    assert kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=200s").output.count("condition met") == 2
    kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/one", "--timeout=200s")
    kubectl("wait", "--for=create", "deployment/web", "--timeout=200s")
    assert "timed out waiting" in kubectl.fails("wait", "--for=condition=Absent", "pod/one", "--timeout=1s")
    kubectl("delete", "pod", "one", "--wait=false")
    kubectl("wait", "--for=delete", "pod/one", "--timeout=200s")
    assert kubectl.run("get", "pod", "one").status == 1


# Logs


def test_logs_of_a_pod_with_its_options(kubectl, web):
    name = kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}").output
    whole = kubectl("logs", name).lines
    assert whole and "nginx" in whole[0]
    assert kubectl("logs", name, "--tail=1").lines == whole[-1:]
    assert kubectl("logs", name, "--tail=0").output == ""
    stamped = kubectl("logs", name, "--timestamps", "--tail=1").output
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ", stamped)
    assert kubectl("logs", name, "--since=1h").lines[0] == whole[0]
    assert kubectl("logs", name, "--limit-bytes=5").output == "\n".join(whole)[:5]
    assert kubectl("logs", name, "-c", "main").lines[0] == whole[0]
    assert "container absent is not valid for pod" in kubectl.fails("logs", name, "-c", "absent")
    assert "previous terminated container \"main\" in pod" in kubectl.fails("logs", name, "--previous")
    assert "not found" in kubectl.fails("logs", "absent")
    both = kubectl("logs", "-l", "app=web", "--prefix").lines
    assert len({line.split("]")[0] for line in both}) == 2
    assert kubectl("logs", "deployment/web").output


def test_logs_are_followed_until_the_pod_ends(kubectl):
    kubectl.apply(pod())
    kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=200s")
    with kubectl.start("logs", "-f", "one") as logs:
        assert "nginx" in logs.line()
        kubectl("delete", "pod", "one", "--timeout=200s")
        while logs.line() is not None:
            pass
        assert logs.end() == 0


def test_logs_of_a_pod_that_waits_say_why(kubectl):
    kubectl.apply(pod(nodeSelector={"absent": "yes"}))
    assert kubectl.fails("logs", "one") == "Error from server (BadRequest): pod one does not have a host assigned\n"
    kubectl.apply(pod("two", annotations={"ingot.dev/simulate": "ImagePullBackOff"}))
    kubectl.until(lambda: kubectl("get", "pod", "two").table[0][2] != "Pending", "the pod has a node")
    complaint = kubectl.fails("logs", "two")
    assert re.search('container "main" in pod "two" is waiting to start: (ContainerCreating|trying and failing to pull image|image can\'t be pulled)', complaint), complaint


# Run and expose


def test_run_expose_and_the_endpoints_behind(kubectl):
    assert kubectl("run", "one", "--image=nginx:1.27", "--port=80", "--labels=app=one").output == "pod/one created\n"
    kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=200s")
    assert kubectl("expose", "pod", "one", "--port=8080", "--target-port=80").output == "service/one exposed\n"
    address = kubectl("get", "pod", "one", "-o", "jsonpath={.status.podIP}").output
    endpoints = lambda: [row[1] for row in kubectl.run("get", "endpoints", "one").table]
    kubectl.until(lambda: endpoints() == [f"{address}:80"], "the pod is behind the service")
    # Another controller writes the slices.
    slices = lambda: [row[1:4] for row in kubectl("get", "endpointslices", "-l", "kubernetes.io/service-name=one").table]
    kubectl.until(lambda: slices() == [["IPv4", "80", address]], "the pod is in the service's slice")
    kubectl.apply(deployment())
    kubectl("expose", "deployment", "web", "--port=80", "--type=NodePort")
    assert re.fullmatch(r"80:3\d{4}/TCP", kubectl("get", "svc", "web").table[0][4])


def test_run_to_the_end(kubectl):
    kubectl("run", "once", "--image=busybox", "--restart=Never", "--", "true")
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/once", "--timeout=200s")
    assert kubectl("get", "pod", "once").table[0][1:3] == ["0/1", "Completed"]


def test_jobs_complete_and_take_their_pods_with_them(kubectl):
    kubectl("create", "job", "sum", "--image=busybox", "--", "expr", "1", "+", "1")
    kubectl("wait", "--for=condition=Complete", "job/sum", "--timeout=200s")
    assert kubectl("get", "job", "sum").table[0][:3] == ["sum", "Complete", "1/1"]
    assert kubectl("get", "pods", "-l", "job-name=sum").table[0][2] == "Completed"
    text = kubectl("describe", "job", "sum").output
    assert re.search(r"Pods Statuses: +0 Active.* / 1 Succeeded / 0 Failed", text)
    completed = r"Normal +Completed .* job-controller +Job completed"
    kubectl.until(lambda: re.search(completed, kubectl("describe", "job", "sum").output), "the completion is an event")
    kubectl("delete", "job", "sum")
    kubectl.until(lambda: not kubectl("get", "pods", "-o", "name").lines, "the job's pod is gone")


@pytest.mark.parametrize("failure, status", [
    ("ImagePullBackOff", r"ImagePullBackOff|ErrImagePull"),
    ("CrashLoopBackOff", r"CrashLoopBackOff|Error"),
    ("OOMKilled", r"OOMKilled|CrashLoopBackOff"),
])
def test_failures_on_request_look_like_the_real_ones(kubectl, failure, status):
    kubectl.apply(pod(annotations={"ingot.dev/simulate": failure}))
    shown = lambda row: re.fullmatch(status, row[2]) and row[1] == "0/1"
    kubectl.until(lambda: shown(kubectl("get", "pod", "one").table[0]), f"the pod shows {failure}")


def test_a_failure_that_there_is_not_is_refused_by_name(kubectl):
    complaint = kubectl.fails("apply", "-f", "-", input=pod(annotations={"ingot.dev/simulate": "CrashLoop"}))
    assert 'metadata.annotations[ingot.dev/simulate]: Unsupported value: "CrashLoop"' in complaint
    assert '"CrashLoopBackOff"' in complaint


def test_events_of_one_second_are_in_order(kubectl):
    kubectl.apply(pod("ordered"))
    kubectl("wait", "pod/ordered", "--for=condition=Ready", "--timeout=200s")

    def reasons():
        arguments = ["--field-selector", "involvedObject.name=ordered", "-o", "jsonpath={.items[*].reason}"]
        return [reason for reason in kubectl.text("get", "events", *arguments).split() if reason != "Pulling"]

    kubectl.until(lambda: "Started" in reasons(), "the start is an event")
    assert reasons() == ["Scheduled", "Pulled", "Created", "Started"]
