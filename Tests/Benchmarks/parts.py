"""The measurements. Each takes the programs and the run's length, and gives a Result."""

import http.client
import json
import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from programs import HEALTH, Failure
from results import Result, Row, Table, spread


@dataclass
class Length:
    """How long to measure."""

    rounds: int
    seconds: int


def throughput(programs, length):
    """GET /api/health from one wrk thread over 64 connections, all servers in turn in every round."""
    measured = {}
    with ExitStack() as stack:
        servers = {
            "floor": programs.floor(),
            "Ingot": programs.ingot(),
            "Ingot, --log-level warning": programs.ingot("--log-level", "warning"),
            "FastAPI": programs.fastapi(),
        }
        for server in servers.values():
            stack.enter_context(server)
            programs.wrk(server, 1)
        for _ in range(length.rounds):
            for name, server in servers.items():
                measured.setdefault(name, []).append(programs.wrk(server, length.seconds))
                server.forget_log()
    ratios = {
        name: [value / floor for value, floor in zip(values, measured["floor"])] for name, values in measured.items()
    }
    ratio = median(ratios["Ingot"])
    table = Table("Requests per second, GET /api/health", ["Server", "Requests/s", "Of the floor", "Of FastAPI"])
    for name, values in measured.items():
        of_fastapi = median(values) / median(measured["FastAPI"])
        table.rows.append([name, spread(values), spread(ratios[name], digits=3), f"{of_fastapi:,.1f}×"])
    row = Row("Requests/s of the floor program's", f"{ratio:.3f}", "≥ 0.85", ratio >= 0.85)
    return Result("throughput", [row], [table])


def latency(programs, length):
    """Latencies at half of what the server can do."""
    measured = {}
    with programs.floor() as floor, programs.ingot() as ingot:
        most = median(programs.wrk(ingot, length.seconds) for _ in range(min(3, length.rounds)))
        for _ in range(length.rounds):
            for name, server in {"floor": floor, "Ingot": ingot}.items():
                measured.setdefault(name, []).append(programs.pace(server, 64, most / 2, length.seconds))
                server.forget_log()
    table = Table(
        f"Latency at half load: {most / 2:,.0f} requests/s over 64 connections, from the time each was due",
        ["Server", "Median, µs", "p99, µs", "Longest, µs"])
    for name, results in measured.items():
        columns = [spread([result[key] for result in results]) for key in ("median", "p99", "longest")]
        table.rows.append([name, *columns])
    p99 = median(result["p99"] for result in measured["Ingot"]) / 1000
    return Result("latency", [Row("p99 at half load", f"{p99:.2f} ms", "< 2 ms", p99 < 2)], [table])


def large(programs, length):
    """An answer of 1 MB of JSON from memory."""
    measured = {}
    with programs.large_ingot() as ours:
        body = ours.fetch("/large")
        file = programs.directory / "large.json"
        file.write_bytes(body)
        with programs.fastapi(file) as theirs:
            if theirs.fetch("/large") != body:
                raise Failure("the servers answer different bytes")
            for _ in range(length.rounds):
                for name, server in {"HTTPServer": ours, "FastAPI": theirs}.items():
                    measured.setdefault(name, []).append(programs.wrk(server, length.seconds, "/large"))
                    server.forget_log()
    table = Table(f"A JSON answer of {len(body):,} bytes", ["Server", "Requests/s", "MB/s"])
    for name, values in measured.items():
        table.rows.append([name, spread(values), f"{median(values) * len(body) / 1e6:,.0f}"])
    ours, theirs = median(measured["HTTPServer"]), median(measured["FastAPI"])
    return Result("large", [Row("1 MB answers", f"{ours:,.0f}/s, {ours / theirs:.1f}× FastAPI")], [table])


def memory(programs, length):
    """Resident memory at rest, with 10,000 connections that have made a request each, and with the embedded cluster."""
    with programs.ingot() as ingot:
        ingot.fetch(HEALTH)
        time.sleep(1)
        rest = ingot.resident_megabytes()
        with programs.idle(ingot, 10_000):
            time.sleep(1)
            crowded = ingot.resident_megabytes()
            if ingot.open_files() < 10_000:
                raise Failure(f"Ingot kept {ingot.open_files()} files open, connections and all")
    with programs.ingot(cluster="embedded") as ingot:
        ingot.fetch(HEALTH)
        time.sleep(5)
        embedded = ingot.resident_megabytes()
    rows = [
        Row("Memory at rest", f"{rest:.1f} MB", "< 30 MB", rest < 30),
        Row("Memory with 10,000 idle connections", f"{crowded:.1f} MB", "< 60 MB", crowded < 60),
        Row("Memory at rest, embedded cluster", f"{embedded:.1f} MB"),
    ]
    return Result("memory", rows)


def start(programs, length):
    """Time from exec to the first answer."""
    # The embedded cluster's folder is made the first time.
    programs.first_answer_milliseconds("embedded")
    rows = []
    for cluster, what, most in ("none", "", 60), ("embedded", ", embedded cluster", None):
        times = sorted(programs.first_answer_milliseconds(cluster) for _ in range(4 * length.rounds))
        high = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
        rows.append(
            Row(f"From exec to the first answer{what}", f"{median(times):.1f} ms, p95 {high:.1f} ms",
                f"≤ {most} ms" if most else "", high <= most if most else None))
    return Result("start", rows)


def slow(programs, length):
    """What 1,000 requests that never end cost those that do."""
    without, among = [], []
    with programs.ingot() as ingot:
        programs.pace(ingot, 16, 2000, 1)
        for _ in range(length.rounds):
            without.append(programs.pace(ingot, 16, 2000, length.seconds))
            with programs.slow(ingot, 1000):
                among.append(programs.pace(ingot, 16, 2000, length.seconds))
    table = Table(
        "Honest requests, 2,000/s over 16 connections", ["Beside them", "Median, µs", "p99, µs"])
    for name, results in {"nothing": without, "1,000 slow headers": among}.items():
        table.rows.append([name, *(spread([result[key] for result in results]) for key in ("median", "p99"))])
    ratio = median(after["median"] / before["median"] for before, after in zip(without, among))
    row = Row("Median among 1,000 slow headers", f"{ratio:.2f}×", "< 2×", ratio < 2)
    return Result("slow", [row], [table])


NODES = 5_000
# For so many pods there are targets.
PODS = 50_000
NODES_PATH = "/api/cluster/nodes"
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
            wait_until_synced(ingot, NODES, pods)
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


def wait_until_synced(ingot, nodes, pods):
    """Returns as soon as all of the cluster's nodes and pods are known."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        caches = {cache["resource"]: cache for cache in json.loads(ingot.fetch(STATUS_PATH))["caches"]}
        counts = [caches[name]["objects"] if caches[name]["synced"] else 0 for name in ("nodes", "pods")]
        if counts == [nodes, pods]:
            return
        time.sleep(0.05)
    raise Failure(f"ingot knows {counts} of {nodes} nodes and {pods} pods after 300 s")


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


PARTS = {
    "throughput": throughput, "latency": latency, "large": large,
    "memory": memory, "start": start, "slow": slow, "cluster": cluster,
}
