"""What it takes to keep up with a large cluster. Each takes the programs and the run's length, and gives a Result."""

import http.client
import json
import re
import time
from statistics import median

from programs import Failure
from results import Result, Row, Table, spread

NODES = 5_000
# For so many pods there are targets.
PODS = 50_000
NODES_PATH = "/api/cluster/nodes"
# Where the API server has them.
API_NODES = "/api/v1/nodes"
API_PODS = "/api/v1/pods"
STATUS_PATH = "/api/cluster/status"
FLOOR = "that of the floor"


def cluster(programs, length):
    """What it takes to keep up with a large cluster, and to answer from what is known of it."""
    measured = {pods: watched(programs, length, pods) for pods in (PODS, 3 * PODS)}
    knowing = Table(
        f"Knowing a cluster of {NODES:,} nodes, in which 110 objects change in a second",
        ["Pods", "Synced, s", "API server, CPU s", "Memory then, MB", "Memory under load, MB", "Peak, MB",
         "Change visible, median, ms", "p95, ms"])
    asking = Table(
        f"GET at 200 requests/s over 16 connections, {NODES:,} nodes, from the time each request was due",
        ["Path", "Pods", "Bytes", "Median, ms", "p99, ms", "Longest, ms"])
    for pods, result in measured.items():
        delays = sorted(result["delays"])
        knowing.rows.append([
            f"{pods:,}", f"{result['synced']:.1f}", f"{result['generator']:.1f}", f"{result['memory']:.0f}",
            f"{result['loaded']:.0f}", f"{result['peak']:.0f}", f"{median(delays):.0f}",
            f"{delays[len(delays) * 95 // 100]:.0f}"])
        for path, rounds in result["answers"].items():
            times = [spread([each[key] / 1000 for each in rounds], digits=1) for key in ("median", "p99", "longest")]
            size = f"{result['sizes'][path]:,}" if path in result["sizes"] else ""
            asking.rows.append([path, f"{pods:,}", size, *times])
    result = measured[PODS]
    delay, p99 = median(result["delays"]), median(each["p99"] for each in result["answers"][NODES_PATH]) / 1000
    memory = f"{result['loaded']:.0f} MB, peak {result['peak']:.0f} MB"
    rows = [
        Row("Read 5,000 nodes and 50,000 pods", f"{result['synced']:.1f} s", "≤ 20 s", result["synced"] <= 20),
        Row("Memory with them", memory, "< 250 MB", result["peak"] < 250),
        Row("From a change to its being visible", f"{delay:.0f} ms", "≤ 100 ms", delay <= 100),
        Row("p99 of GET /api/cluster/nodes", f"{p99:.1f} ms", "< 10 ms", p99 < 10),
    ]
    return Result("cluster", rows, [knowing, asking])


def watched(programs, length, pods):
    """Ingot with a cluster of so many pods."""
    paths = (NODES_PATH, STATUS_PATH)
    with programs.cluster(NODES, pods) as api, programs.floor() as floor:
        begin = time.monotonic()
        with programs.ingot_with(api) as ingot:
            wait_until_synced(api, ingot, {API_NODES: NODES, API_PODS: pods})
            result = {"synced": time.monotonic() - begin, "generator": api.cpu_seconds()}
            time.sleep(2)
            result["memory"] = ingot.resident_megabytes()
            result["sizes"] = {path: len(ingot.fetch(path)) for path in paths}
            result["delays"] = visible_after(ingot, 2 * length.seconds)
            result["answers"] = {path: [] for path in (*paths, FLOOR)}
            for _ in range(length.rounds):
                for path in paths:
                    result["answers"][path].append(programs.pace(ingot, 16, 200, length.seconds, path))
                result["answers"][FLOOR].append(programs.pace(floor, 16, 200, length.seconds))
                ingot.forget_log()
            result["loaded"] = ingot.resident_megabytes()
            result["peak"] = ingot.peak_megabytes()
    return result


def wait_until_synced(api, ingot, counts):
    """Returns as soon as Ingot knows that many objects of each resource, which are named by their paths at the API server."""
    def is_watched(output):
        return all(f"watching {path}\n" in output for path in counts)

    if not api.wait_for_output(is_watched, 300):
        raise Failure(f"ingot watches no more than this after 300 s: {api.out.read_text()}")
    # Who watches has read the lists, and takes up the last of them just now.
    end = time.monotonic() + 60
    while time.monotonic() < end:
        caches = {cache["resource"]: cache for cache in json.loads(ingot.fetch(STATUS_PATH))["caches"]}
        found = {path: cache["objects"] if cache["synced"] else 0 for path in counts for cache in [caches[resource(path)]]}
        if found == counts:
            return
    raise Failure(f"ingot knows {found} of {counts} objects")


def resource(path):
    """The name of a resource in Ingot's answers: `/apis/apps/v1/deployments` is `deployments.apps`."""
    *_, group, _, plural = path.split("/")
    return plural if path.startswith("/api/") else f"{plural}.{group}"


def visible_after(ingot, seconds):
    """Milliseconds from a change of a node to the end of the first answer that shows it: nodes say in microseconds when they
    were changed, as the number of their GPUs."""
    found, last, tag = [], 0, ""
    connection = http.client.HTTPConnection("127.0.0.1", ingot.port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.request("GET", NODES_PATH, headers={"If-None-Match": tag} if tag else {})
        response = connection.getresponse()
        body, now = response.read(), time.monotonic()
        tag = response.headers["ETag"]
        # The nodes that change are the first ones.
        newest = max((int(count) for count in re.findall(rb'"gpuCount":(\d{3,})', body[:20_000])), default=0)
        if newest > last:
            if last:
                found.append((now * 1e6 - newest) / 1e3)
            last = newest
        time.sleep(0.005)
    connection.close()
    if len(found) < seconds:
        raise Failure(f"{len(found)} changes were seen in {seconds} s")
    return found
