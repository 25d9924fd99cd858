"""What a device does beside the CPU, in under ten minutes: agreement, a quick run, trainings a second, sizes, memory.

Run `python benchmarks/gpu.py --out FOLDER` on a machine with a GPU. It needs no network: torch, numpy, scipy, sympy,
hypothesis and pytest, and of the other dependencies threadpoolctl, platformdirs, jsonschema, python-flint and execnet
(`pip install --target carried --no-deps …` beforehand, and PYTHONPATH). Sections are given shares of --minutes; what
does not fit is told as not reached. `--device cpu --smoke` runs all of it small without a GPU, and compares two
entropies of one device instead of two devices. gpu.json and gpu.md go into FOLDER. Exit code 1 where a simulation
disagrees.
"""

from __future__ import annotations

import argparse
import json
import math
import runpy
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors.costs import estimate
from lazy_assay.sims.core.device import DeviceNotFoundError, device_class, exact, resolve
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics import losses
from lazy_assay.sims.dynamics.descent import GradientDescent, descend
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import NTK
from lazy_assay.sims.kernels import empirical_ntk, limiting_ntk
from lazy_assay.sims.quadratic import network
from lazy_assay.theory._catalogue import catalogue

ROOT = Path(__file__).resolve().parents[1]
# Shares of the time; kernels and Ghorbani's figure take what they take at their sizes, or less of them.
SHARES = {"simulations": 0.3, "quick": 0.3, "trainings": 0.1, "figure 1 left": 0.15, "kernels": 0.15}
# A chance of one false alarm in a million over all simulations and their columns.
ALARM = 1e-6
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """The device under test, how small, and until when a section may begin something new."""

    device: str
    smoke: bool
    until: float
    left: list[str] = field(default_factory=list)

    def over(self) -> bool:
        """Whether the section's time is used up."""
        return time.monotonic() > self.until


def simulations(job: Job) -> Rows:
    """Each public simulation at its small sizes here and there: means within their own standard error."""
    sizes: dict[str, dict[str, Any]] = {}
    for path in sorted((ROOT / "tests" / "sims" / "sizes").glob("*.py")):
        sizes |= runpy.run_path(str(path))["SIZES"]
    chosen = list(sizes.items())[:: 12 if job.smoke else 1]
    threshold = math.sqrt(2 * math.log(2 * 50 * len(chosen) / ALARM))
    rows = []
    for name, small in chosen:
        if job.over():
            job.left.append(name)
            continue
        rows.append(_agreement(name, small, job, threshold))
    return rows


def _agreement(name: str, small: dict[str, Any], job: Job, threshold: float) -> dict[str, Any]:
    """The largest distance of two means, in standard errors, over columns that have any scatter."""
    module, _, function = name.rpartition(".")
    simulate = getattr(__import__(f"lazy_assay.sims.{module}", fromlist=[function]), function)
    trials = 32 if job.smoke else 128
    there = {"device": job.device, "entropy": 2}
    begun = time.monotonic()
    try:
        drawn = [_draw(simulate, small, trials, **at) for at in ({"device": "cpu", "entropy": 1}, there)]
    except Exception as error:
        return {"simulation": name, "fault": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
    with np.errstate(all="ignore"):
        means = [np.nanmean(draws, axis=0) for draws in drawn]
        errors = np.sqrt(sum(np.nanvar(draws, axis=0, ddof=1) / trials for draws in drawn))
    scale = np.maximum(np.abs(means[0]), np.abs(means[1]))
    # What hardly scatters is held to rounding, for the standard error of a constant is none.
    floor = np.sqrt(np.finfo(float).eps) * scale
    apart = np.abs(means[0] - means[1]) / np.where(errors > 0, np.maximum(errors, floor), np.maximum(floor, 1e-300))
    finite = apart[np.isfinite(apart)]
    worst = float(finite.max()) if finite.size else 0.0
    seconds = time.monotonic() - begun
    return {"simulation": name, "standard errors": worst, "agrees": worst <= threshold, "seconds": round(seconds, 2)}


def _draw(simulate: Callable[..., Any], small: dict[str, Any], trials: int, **at: Any) -> np.ndarray:
    drawn = simulate(**small, trials=trials, dtype="float64", **at)
    return np.asarray(drawn.detach().cpu().numpy().reshape(trials, -1), dtype=float)


def quick(job: Job) -> Rows:
    """Tasks that simulate, of profile quick, on the device: verdicts counted; the cheapest first, a claim at a time."""
    found = [task for id in catalogue().ids() for task in tasks(id) if task.simulates and task.routes]
    ordered = sorted(found, key=lambda task: (estimate(task), task.id))[:: 150 if job.smoke else 1]
    rows = []
    for task in ordered:
        if job.over():
            job.left.append(task.id)
            continue
        begun = time.monotonic()
        try:
            results = perform(Order(task=task.id, device=job.device, until=int(time.time() + 120)))
            told: dict[str, Any] = dict(Counter(f"{r.subject}: {r.verdict}" for r in results))
        except Exception as error:
            told = {"fault": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
        rows.append({"task": task.id, **told, "seconds": round(time.monotonic() - begun, 2)})
    return rows


def trainings(job: Job) -> Rows:
    """Trials a second of one descent over many trials: the device against the CPU."""
    rows = []
    for width, trials in ((32, 64), (32, 1024), (256, 256)) if not job.smoke else ((8, 16),):
        if job.over():
            job.left.append(f"width {width}, {trials} trials")
            continue
        rates = {where: _rate(where, width, trials) for where in dict.fromkeys(("cpu", job.device))}
        gain = rates[job.device] / rates["cpu"]
        rows.append({"width": width, "trials": trials, **{f"{k} a second": round(v, 1) for k, v in rates.items()}})
        rows[-1]["gain"] = round(gain, 2)
    return rows


def _rate(where: str, width: int, trials: int, steps: int = 30) -> float:
    model, stream = FullyConnected((10, width, 1), "relu", NTK), Stream(0, where)
    x, y = stream.normal(20, 10), stream.normal(20, 1)
    best = math.inf
    for _ in range(3):
        start = model.draw(stream, trials)
        _settle(where)
        begun = time.perf_counter()
        descend(lambda w, k: losses.half_squared(model(w, x), y), start, GradientDescent(0.1), steps)
        _settle(where)
        best = min(best, time.perf_counter() - begun)
    return trials / best


def figure_1_left(job: Job) -> Rows:
    """Ghorbani et al., figure 1 left, at d = N = 450: one-pass SGD, twice the steps each time, while time lasts."""
    d = 20 if job.smoke else 450
    B = np.diag(np.random.default_rng(0).exponential(size=d))
    rows, steps = [], 16
    while not job.over() and steps <= (64 if job.smoke else 2**22):
        begun = time.perf_counter()
        risk = network.minibatch_sgd_risk(
            d=d, N=d, B=B, batch=100, steps=steps, step_size=1e-2 / d, initial_scale=0.01, trials=1, entropy=0,
            device=job.device, dtype="float32",
        )  # fmt: skip
        seconds = time.perf_counter() - begun
        rows.append({"d": d, "N": d, "steps": steps, "risk": round(float(risk[0]), 5), "seconds": round(seconds, 2)})
        if seconds > (job.until - time.monotonic()) / 2:
            break
        steps *= 2
    return rows


def kernels(job: Job) -> Rows:
    """Tangent kernels at n = 10,000: the empirical one of a network within a memory limit, and the limiting one."""
    n, limit = (200, 2**26) if job.smoke else (10_000, 4 * 2**30)
    place = torch.device(job.device)
    x = torch.randn(n, 100, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).to(place)
    module = nn.Sequential(nn.Linear(100, 256), nn.ReLU(), nn.Linear(256, 1)).double().to(place)
    asked: dict[str, tuple[int | None, Callable[[], torch.Tensor]]] = {
        "empirical, width 256": (limit, lambda: empirical_ntk(module, x, memory_limit=limit)),
        "limiting, relu, depth 4": (None, lambda: limiting_ntk(x, activation="relu", depth=4)),
    }
    rows = []
    for name, (most, call) in asked.items():
        if job.over():
            job.left.append(name)
            continue
        _forget(job.device)
        begun = time.perf_counter()
        shape = tuple(call().shape)
        _settle(job.device)
        seconds, peak = time.perf_counter() - begun, _peak(job.device)
        row = {"kernel": name, "shape": list(shape), "seconds": round(seconds, 2), "limit": most, "peak": peak}
        # The points were there before.
        fits = {"agrees": peak <= most + x.numel() * 8} if peak is not None and most is not None else {}
        rows.append(row | fits)
    return rows


def _settle(where: str) -> None:
    if where.startswith("cuda"):
        torch.cuda.synchronize()


def _forget(where: str) -> None:
    if where.startswith("cuda"):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak(where: str) -> int | None:
    """The most bytes that tensors have held on a GPU; unknown on a CPU."""
    return int(torch.cuda.max_memory_allocated()) if where.startswith("cuda") else None


SECTIONS: dict[str, Callable[[Job], Rows]] = {
    "simulations": simulations,
    "quick": quick,
    "trainings": trainings,
    "figure 1 left": figure_1_left,
    "kernels": kernels,
}


def report(device: str, smoke: bool, minutes: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each section's rows, what it did not reach, its seconds and its peak memory, as they are done."""
    for name, section in SECTIONS.items():
        begun = time.monotonic()
        job = Job(device, smoke, begun + 60 * minutes * SHARES[name])
        if name != "kernels":
            _forget(device)
        with exact(device):
            try:
                told: dict[str, Any] = {"rows": section(job)}
            except Exception as error:
                told = {"rows": [], "fault": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
        yield name, told | {
            "not reached": job.left, "seconds": round(time.monotonic() - begun, 1), "peak": _peak(device),
        }  # fmt: skip


def _markdown(head: dict[str, Any], sections: dict[str, Any]) -> str:
    lines = [f"# {head['model']}", "", ", ".join(f"{name} {value}" for name, value in head.items()), ""]
    for name, told in sections.items():
        lines += [f"## {name}", "", f"{told['seconds']} s, peak {told['peak']} bytes", "", told.get("fault", "")]
        lines += [f"- {json.dumps(row, ensure_ascii=False)}" for row in told["rows"]]
        lines += [f"- not reached: {len(told['not reached'])}", ""]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--smoke", action="store_true", help="sizes that take seconds")
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--out", type=Path, default=Path("gpu"))
    asked = parser.parse_args()
    try:
        resolve(asked.device)
    except DeviceNotFoundError as error:
        print(f"gpu.py: {error}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    head = {"model": device_class(asked.device), "torch": torch.__version__, "smoke": asked.smoke}
    sections: dict[str, Any] = {}
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, told in report(asked.device, asked.smoke, asked.minutes):
        sections[name] = told
        # Kept after each section: a machine that is taken away leaves what was done.
        (asked.out / "gpu.json").write_text(json.dumps({"head": head, "sections": sections}, indent=1))
        (asked.out / "gpu.md").write_text(_markdown(head, sections))
        wrong = [row for row in told["rows"] if row.get("fault") or row.get("agrees") is False]
        print(f"{name}: {len(told['rows'])} rows, {len(wrong)} wrong, {told['seconds']} s", told.get("fault", ""))
        for row in wrong:
            print(f"  {row}")
    bad = [row for told in sections.values() for row in told["rows"] if row.get("fault") or row.get("agrees") is False]
    return 1 if bad or any("fault" in told for told in sections.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
