"""What the server tells of its cluster while the API server is away: one process serves, another one is its cluster."""


import confidential
import requests
from cluster import reserved
from waiting import PATIENCE, until_answer


def test_reads_go_on_with_their_age_while_the_cluster_is_away(start, tmp_path):
    def serve(name, *flags):
        return start("serve", "--port", "0", "--data-dir", tmp_path / name, *flags).ready()

    cluster = serve("cluster", "--embedded-cluster")
    kubeconfig = tmp_path / "cluster/embedded-cluster/kubeconfig"
    ingot = serve("ingot", "--cluster", "kubernetes", "--kubeconfig", kubeconfig)
    nodes = ingot.url + "/api/cluster/nodes"
    status = ingot.url + "/api/cluster/status"
    ready = ingot.url + "/readyz"
    until_answer(ready, lambda answer: answer.status_code == 200)
    before = until_answer(nodes, lambda answer: answer.json().get("nodes"))
    assert "Age" not in before.headers
    assert requests.get(status, timeout=PATIENCE).json()["simulated"] is False

    cluster.kill()
    with reserved(kubeconfig):
        away = until_answer(status, lambda answer: not answer.json()["connected"]).json()
        assert away["error"]
        still = until_answer(nodes, lambda answer: int(answer.headers.get("Age", 0)) >= 1)
        assert still.status_code == 200 and still.json() == before.json()
        assert requests.get(status, timeout=PATIENCE).json()["ageSeconds"] >= 1
        unready = requests.get(ready, timeout=PATIENCE)
        assert unready.status_code == 503
        assert {check["name"]: check["status"] for check in unready.json()["checks"]}["cluster"] != "ok"

        # It comes back at the same address, with the same credentials.
        serve("cluster", "--embedded-cluster")
    until_answer(ready, lambda answer: answer.status_code == 200)
    back = until_answer(nodes, lambda answer: "Age" not in answer.headers)
    assert {node["name"] for node in back.json()["nodes"]} == {node["name"] for node in before.json()["nodes"]}
    assert requests.get(status, timeout=PATIENCE).json()["connected"]


def test_nothing_is_made_up_when_the_cluster_was_never_there(start, tmp_path):
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        """{"apiVersion": "v1", "kind": "Config", "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": "TOKEN"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}]}""".replace("TOKEN", confidential.secret("token of a kubeconfig"))
    )
    flags = ["--port", "0", "--data-dir", tmp_path / "data", "--kubeconfig", kubeconfig]
    ingot = start("serve", *flags, "--cluster", "kubernetes").ready()
    answer = requests.get(ingot.url + "/api/cluster/nodes", timeout=PATIENCE)
    assert answer.status_code == 503
    assert answer.json()["code"] == "CLUSTER_UNAVAILABLE"
    # At first only that nothing has been read yet.
    status = until_answer(ingot.url + "/api/cluster/status", lambda answer: "127.0.0.1" in (answer.json().get("error") or "")).json()
    assert status["connected"] is False
    ingot.wait_for_error("cannot be reached: .*127.0.0.1")


def test_a_shell_set_up_for_kubectl_still_starts_the_embedded_cluster(start, tmp_path):
    def serve(**environment):
        flags = ["--port", "0", "--data-dir", tmp_path / "data", "--cluster", "auto"]
        return start("serve", *flags, environment={"HOME": str(tmp_path), **environment}).ready()

    first = serve(KUBECONFIG="")
    until_answer(first.url + "/readyz", lambda answer: answer.status_code == 200)
    first.stop()
    again = serve(KUBECONFIG=str(tmp_path / "data/embedded-cluster/kubeconfig"))
    until_answer(again.url + "/readyz", lambda answer: answer.status_code == 200)
    assert requests.get(again.url + "/api/cluster/status", timeout=PATIENCE).json()["simulated"]
