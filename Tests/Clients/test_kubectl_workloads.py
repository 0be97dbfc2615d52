"""kubectl with what runs: deployments, pods, jobs, services, their logs and their failures."""

import json
import re

from cluster import deployment, pod


def test_scale(space):
    space.apply(deployment("web"))
    assert space.kubectl("scale", "deployment/web", "--replicas=3") == "deployment.apps/web scaled"
    space.kubectl("wait", "--for=jsonpath={.status.readyReplicas}=3", "deployment/web", "--timeout=60s")
    assert len(space.json("pods", "-l", "app=web")["items"]) == 3
    text = space.refused("scale", "deployment/web", "--current-replicas=2", "--replicas=1")
    assert "Expected replicas to be 2, was 3" in text
    space.kubectl("scale", "deployment", "web", "--replicas=0")
    space.until(lambda out: out == "", "pods", "-o", "name")


def test_a_rollout_its_history_restart_and_undo(space):
    space.apply(deployment("web", "nginx:1.26", replicas=2))
    status = space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert status.endswith('deployment "web" successfully rolled out')
    space.kubectl("annotate", "deployment/web", "kubernetes.io/change-cause=first")
    assert space.kubectl("set", "image", "deployment/web", "main=nginx:1.27") == "deployment.apps/web image updated"
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    images = space.value("{.items[*].spec.containers[0].image}", "pods", "--field-selector=status.phase=Running", "-l", "app=web")
    assert "nginx:1.27" in images.split()
    history = space.kubectl("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.split("\n")[2:] if line] == ["1", "2"]
    assert re.search(r"Image:\s+nginx:1.26", space.kubectl("rollout", "history", "deployment/web", "--revision=1"))
    sets = {item["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: item["spec"]["replicas"]
            for item in space.json("replicasets")["items"]}
    assert sets == {"1": 0, "2": 2}
    assert space.kubectl("rollout", "undo", "deployment/web") == "deployment.apps/web rolled back"
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert space.value("{.spec.template.spec.containers[0].image}", "deployment", "web") == "nginx:1.26"
    history = space.kubectl("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.split("\n")[2:] if line] == ["2", "3"]
    assert space.kubectl("rollout", "restart", "deployment/web") == "deployment.apps/web restarted"
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    template = space.json("deployment", "web")["spec"]["template"]["metadata"]
    assert "kubectl.kubernetes.io/restartedAt" in template["annotations"]
    assert len(space.json("replicasets")["items"]) == 3


def test_a_paused_rollout_waits(space):
    space.apply(deployment("web", "nginx:1.26"))
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    space.kubectl("rollout", "pause", "deployment/web")
    space.kubectl("set", "image", "deployment/web", "main=nginx:1.27")
    space.kubectl("wait", "--for=jsonpath={.status.observedGeneration}=3", "deployment/web", "--timeout=60s")
    assert len(space.json("replicasets")["items"]) == 1
    space.kubectl("rollout", "resume", "deployment/web")
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert len(space.json("replicasets")["items"]) == 2


def test_waiting(space):
    space.apply(pod("p"))
    out = space.kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=60s")
    assert out == "pod/p condition met"
    assert space.kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/p") == "pod/p condition met"
    assert "timed out waiting for the condition" in space.refused("wait", "--for=condition=Never", "pod/p", "--timeout=1s")
    with space.running("wait", "--for=delete", "pod/p", "--timeout=60s") as output:
        space.kubectl("delete", "pod", "p", "--wait=false")
        assert output.wait(lambda lines: lines)[0] == "pod/p condition met"
    assert "NotFound" in space.refused("get", "pod", "p")


def test_logs(space):
    script = "echo one; echo two; echo three; sleep 1000"
    space.apply(pod("p", "busybox", command=["sh", "-c", script]))
    space.kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=60s")
    assert space.kubectl("logs", "p") == "one\ntwo\nthree"
    assert space.kubectl("logs", "p", "--tail=1") == "three"
    assert space.kubectl("logs", "p", "-c", "main", "--limit-bytes=6") == "one\ntw"
    stamped = space.kubectl("logs", "p", "--timestamps", "--tail=1")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z three", stamped)
    assert space.kubectl("logs", "-l", "app=p", "--prefix", "--tail=1") == "[pod/p/main] three"
    assert "container other is not valid for pod p" in space.refused("logs", "p", "-c", "other")
    assert "previous terminated container" in space.refused("logs", "p", "--previous")


def test_logs_are_followed_to_the_end(space):
    script = "echo start; sleep 2; echo middle; sleep 1; echo end"
    space.apply(pod("p", "busybox", command=["sh", "-c", script], restartPolicy="Never"))
    space.kubectl("wait", "--for=jsonpath={.status.containerStatuses[0].started}=true", "pod/p", "--timeout=60s")
    with space.running("logs", "-f", "p") as output:
        lines = output.wait(lambda lines: output.ended)
    assert lines == ["start", "middle", "end"]
    space.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/p", "--timeout=60s")


def test_run_and_expose(space):
    assert space.kubectl("run", "solo", "--image=nginx", "--port=8080", "--labels=app=solo") == "pod/solo created"
    assert space.kubectl("expose", "pod", "solo", "--name=front", "--port=80", "--target-port=8080") == "service/front exposed"
    space.kubectl("wait", "--for=condition=Ready", "pod/solo", "--timeout=60s")
    service = space.json("service", "front")["spec"]
    assert service["type"] == "ClusterIP" and re.fullmatch(r"10\.96\.\d+\.\d+", service["clusterIP"])
    address = space.value("{.status.podIP}", "pod", "solo")
    space.until(lambda out: out == address, "endpointslices", "-o", "jsonpath={.items[0].endpoints[0].addresses[0]}")
    slice = space.json("endpointslices", "-l", "kubernetes.io/service-name=front")["items"][0]
    assert slice["ports"][0]["port"] == 8080 and slice["endpoints"][0]["conditions"]["ready"] is True


def test_a_job_completes(space):
    assert space.kubectl("create", "job", "hello", "--image=busybox", "--", "echo", "hello") == "job.batch/hello created"
    space.kubectl("wait", "--for=condition=Complete", "job/hello", "--timeout=60s")
    assert space.value("{.status.succeeded}", "job", "hello") == "1"
    assert space.kubectl("logs", "job/hello") == "hello"
    assert space.kubectl("get", "job", "hello", "--no-headers").split()[:3] == ["hello", "Complete", "1/1"]
    phase = space.value("{.items[0].status.phase}", "pods", "-l", "batch.kubernetes.io/job-name=hello")
    assert phase == "Succeeded"


def test_a_job_fails(space):
    space.kubectl("create", "job", "bad", "--image=busybox", "--dry-run=client", "-o", "json", "--", "false")
    job = json.loads(space.kubectl("create", "job", "bad", "--image=busybox", "--dry-run=client", "-o", "json", "--", "false"))
    job["spec"]["backoffLimit"] = 0
    space.apply(job)
    space.kubectl("wait", "--for=condition=Failed", "job/bad", "--timeout=60s")
    conditions = {c["type"]: c for c in space.json("job", "bad")["status"]["conditions"]}
    assert conditions["Failed"]["reason"] == "BackoffLimitExceeded"


def test_what_a_simulated_pod_cannot_do_is_said(space):
    space.apply(pod("p"))
    space.kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=60s")
    for command in [["exec", "p", "--", "ls"], ["attach", "p"]]:
        assert re.search(rf"this cluster has no {command[0]}: .*simulated pods have no processes", space.refused(*command))


def test_a_pod_that_fits_nowhere_says_why(space):
    space.apply(pod("huge", resources={"limits": {"nvidia.com/gpu": "1000"}}))
    space.apply(pod("lost", nodeSelector={"no": "where"}))
    for name in ["huge", "lost"]:
        space.kubectl("wait", "--for=jsonpath={.status.conditions[0].reason}=Unschedulable", f"pod/{name}", "--timeout=60s")
        assert space.kubectl("get", "pod", name, "--no-headers").split()[2] == "Pending"
    nodes = len(space.json("nodes")["items"])
    text = space.kubectl("describe", "pod", "huge")
    assert re.search(rf"Warning +FailedScheduling .* 0/{nodes} nodes are available: .*Insufficient nvidia.com/gpu", text)
    text = space.kubectl("describe", "pod", "lost")
    assert re.search(rf"0/{nodes} nodes are available: .*didn't match Pod's node affinity/selector", text)


def test_failures_that_are_asked_for(space):
    for failure in ["ImagePullBackOff", "CrashLoopBackOff", "OOMKilled"]:
        space.apply(pod(failure.lower(), annotations={"ingot.dev/simulate": failure}))
    space.until(lambda out: out in ("ImagePullBackOff", "ErrImagePull"), "pod", "imagepullbackoff",
                "-o", "jsonpath={.status.containerStatuses[0].state.waiting.reason}")
    space.until(lambda out: out == "ImagePullBackOff", "pod", "imagepullbackoff",
                "-o", "jsonpath={.status.containerStatuses[0].state.waiting.reason}")
    assert space.kubectl("get", "pod", "imagepullbackoff", "--no-headers").split()[1:3] == ["0/1", "ImagePullBackOff"]
    space.until(lambda out: out == "CrashLoopBackOff", "pod", "crashloopbackoff",
                "-o", "jsonpath={.status.containerStatuses[0].state.waiting.reason}")
    text = space.kubectl("describe", "pod", "crashloopbackoff")
    assert re.search(r"Last State: +Terminated\n +Reason: +Error\n +Exit Code: +1", text)
    assert re.search(r"Warning +BackOff .*Back-off restarting failed container", text)
    space.until(lambda out: out == "OOMKilled 137", "pod", "oomkilled", "-o",
                "jsonpath={.status.containerStatuses[0].lastState.terminated.reason} "
                "{.status.containerStatuses[0].lastState.terminated.exitCode}")
