"""What batching gains: trials a second in one call, against a plain loop of calls with one trial each.

Run `python benchmarks/batching.py` on a quiet machine: one thread, float64, both sides in one process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lazy_assay.sims.quadratic import network, neural_tangent, random_features

Case = tuple[str, Callable[..., Any], dict[str, Any], int, int]


def cases() -> Iterator[Case]:
    """Label, simulation, parameters, trials in the batch, trials in the loop."""
    for d, N, activation in [(10, 5, "quadratic"), (50, 25, "quadratic"), (50, 50, "relu"), (100, 200, "relu")]:
        sizes = {"d": d, "N": N, "B": np.linspace(0.1, 2, d), "Gamma": np.full(d, 1 / d), "activation": activation}
        yield f"RF {activation} d={d} N={N}", random_features.population_risk, sizes, max(50, 50000 // N), 50
    for d, N in [(10, 5), (50, 25), (100, 50)]:
        sizes = {"d": d, "N": N, "B": np.linspace(0.1, 2, d)}
        yield f"NT d={d} N={N}", neural_tangent.projection_risk, sizes, 50000 // d, 100
    for d, N in [(10, 4), (20, 10), (50, 25)]:
        sizes = {"d": d, "N": N, "B": np.linspace(0.1, 1, d), "steps": 500, "step_size": 1e-4, "initial_scale": 0.5}
        yield f"SGD d={d} N={N}, 500 steps", network.one_pass_sgd_risk, sizes, 4000 // N, 5


def batched(simulate: Callable[..., Any], sizes: dict[str, Any], trials: int) -> float:
    """Trials a second, all in one call."""
    simulate(**sizes, trials=2, entropy=0)
    start = time.perf_counter()
    simulate(**sizes, trials=trials, entropy=1)
    return trials / (time.perf_counter() - start)


def looped(simulate: Callable[..., Any], sizes: dict[str, Any], trials: int) -> float:
    """Trials a second, one call each."""
    start = time.perf_counter()
    for entropy in range(trials):
        simulate(**sizes, trials=1, entropy=entropy)
    return trials / (time.perf_counter() - start)


def main() -> None:
    torch.set_num_threads(1)
    print(f"{'case':32} {'batched/s':>12} {'looped/s':>12} {'gain':>7} {'ms a draw':>10}")
    for label, simulate, sizes, many, few in cases():
        fast, slow = batched(simulate, sizes, many), looped(simulate, sizes, few)
        print(f"{label:32} {fast:12.0f} {slow:12.0f} {fast / slow:6.1f}x {1e3 / fast:10.3f}")


if __name__ == "__main__":
    main()
