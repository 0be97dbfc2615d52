"""How fast the capacity core and its endpoint are. Each takes the programs and the run's length, and gives a Result."""

import json
import time
from statistics import median

from cluster_parts import API_NODES, API_PODS, FLOOR, NODES, wait_until_synced
from programs import Failure
from results import Result, Row, Table, spread

# A GPU each; the nodes have eight.
GPU_PODS = 7 * NODES
EVENTS = 1_000
PATH = "/api/installation/gpu-capacity"


def capacity(programs, length):
    """Fits, placements and updates of the inventory, each alone in one process."""
    measured = programs.capacity(length.rounds)
    floor = measured["floor"]

    def times(value):
        return f"{value / floor:,.1f}×"

    fits = Table(
        f"Whether a model fits on one kind of GPU; the floor sorts 1,000 numbers in {floor:.1f} µs",
        ["Engine", "GPUs", "Pairs", "Median, µs", "Of the floor", "Slowest, µs", "Of the floor", "Which"])
    for fit in measured["fits"]:
        fits.rows.append([
            fit["engine"], str(fit["gpus"]), f"{fit['pairs']:,}", f"{fit['median']:.0f}", times(fit["median"]),
            f"{fit['slowest']:.0f}", times(fit["slowest"]), f"{fit['model']}, {fit['product']}"])
    placement = measured["placement"]
    placements = Table(
        f"Fit plus placement over {measured['nodes']:,} nodes with 8 GPUs each, of four products",
        ["Models", "Of which placed", "Median, ms", "Of the floor", "Slowest, ms", "Of the floor", "Which"])
    placements.rows.append([
        str(placement["models"]), str(placement["placed"]), f"{placement['median'] / 1e3:.1f}",
        times(placement["median"]), f"{placement['slowest'] / 1e3:.1f}", times(placement["slowest"]), placement["model"]])
    kinds = {
        "gpuPods": "a pod with a GPU starts or ends", "otherPods": "a pod without one does",
        "statuses": "only its status changes"}
    few, many = measured["updates"]
    updates = Table(
        f"An inventory update for a pod event, published, {measured['nodes']:,} nodes",
        ["Event", f"{few['pods']:,} pods, µs", f"{many['pods']:,} pods, µs", "Of the floor", "Ratio of both"])
    for kind, what in kinds.items():
        updates.rows.append([
            what, f"{few[kind]:.1f}", f"{many[kind]:.1f}", times(many[kind]), f"{many[kind] / few[kind]:.2f}"])
    fit = max(fit["slowest"] for fit in measured["fits"])
    update = max(many[kind] for kind in kinds)
    rows = [
        Row("Fit of one model on one kind of GPU, slowest", f"{fit:.0f} µs, {times(fit)} the floor", "< 100 µs", fit < 100),
        Row(
            "Fit plus placement over 5,000 nodes, slowest",
            f"{placement['slowest'] / 1e3:.1f} ms, {times(placement['slowest'])} the floor", "< 50 ms",
            placement["slowest"] < 50_000),
        Row(
            "Inventory update per pod event at 150,000 pods", f"{update:.1f} µs, {times(update)} the floor", "< 10 µs",
            update < 10),
    ]
    return Result("capacity", rows, [fits, placements, updates])


def gpu_capacity(programs, length):
    """What the endpoint takes while pods come and go, each of which makes the answer another one."""
    answers = {PATH: [], FLOOR: []}
    with programs.cluster(NODES, GPU_PODS, EVENTS) as api, programs.floor() as floor, programs.ingot_with(api) as ingot:
        wait_until_synced(api, ingot, {API_NODES: NODES, API_PODS: GPU_PODS})
        size = len(ingot.fetch(PATH))
        events = events_in_a_second(ingot)
        if events < 0.95 * EVENTS:
            raise Failure(f"{events:.0f} of {EVENTS} pod events a second arrived")
        for _ in range(length.rounds):
            answers[PATH].append(programs.pace(ingot, 16, 200, length.seconds, PATH))
            answers[FLOOR].append(programs.pace(floor, 16, 200, length.seconds))
            ingot.forget_log()
    table = Table(
        f"GET at 200 requests/s over 16 connections, {NODES:,} nodes, {events:,.0f} pod events a second",
        ["Path", "Bytes", "Median, ms", "p99, ms", "Longest, ms"])
    for path, rounds in answers.items():
        columns = [spread([each[key] / 1000 for each in rounds], digits=2) for key in ("median", "p99", "longest")]
        table.rows.append([path, f"{size:,}" if path == PATH else "", *columns])
    p99 = median(each["p99"] for each in answers[PATH]) / 1000
    ratio = median(
        ours["p99"] / theirs["p99"] for ours, theirs in zip(answers[PATH], answers[FLOOR]))
    row = Row(f"p99 of GET {PATH}", f"{p99:.2f} ms, {ratio:.1f}× the floor", "< 2 ms", p99 < 2)
    return Result("gpu-capacity", [row], [table])


def events_in_a_second(ingot):
    """How many events reach the endpoint: in the first turn each pod that ends gives a GPU back."""
    def allocated():
        return json.loads(ingot.fetch(PATH))["allocatedGpus"], time.monotonic()

    before, begin = allocated()
    time.sleep(2)
    after, end = allocated()
    return abs(after - before) / (end - begin)
