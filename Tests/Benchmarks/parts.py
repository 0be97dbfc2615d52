"""The measurements. Each takes the programs and the run's length, and gives a Result."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from access_parts import access
from capacity_parts import capacity, gpu_capacity
from cluster_parts import cluster
from deployment_parts import deployments
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


PARTS = {
    "throughput": throughput, "latency": latency, "large": large,
    "memory": memory, "start": start, "slow": slow, "cluster": cluster,
    "capacity": capacity, "gpu-capacity": gpu_capacity, "deployments": deployments,
    "access": access,
}
