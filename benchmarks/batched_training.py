"""What batching gains in training: trials a second of one descent over many trials, against a loop over trials.

Run `python benchmarks/batched_training.py`: one thread, float64, CPU, full gradient descent of two-layer networks. Both
sides alternate in one process and the best of each counts, so that only the ratio is to be read.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics import losses
from lazy_assay.sims.dynamics.descent import GradientDescent, descend
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import NTK

INPUTS, POINTS, STEPS, ROUNDS = 10, 20, 30, 3


def rate(width: int, trials: int, calls: int) -> float:
    """Trials a second: `calls` trainings of `trials` networks each."""
    network, stream = FullyConnected((INPUTS, width, 1), "relu", NTK), Stream(0)
    x, y = stream.normal(POINTS, INPUTS), stream.normal(POINTS, 1)
    starts = [network.draw(stream, trials) for _ in range(calls)]
    begun = time.process_time()
    for start in starts:
        descend(lambda w, k: losses.half_squared(network(w, x), y), start, GradientDescent(0.1), STEPS)
    return trials * calls / (time.process_time() - begun)


def main() -> None:
    torch.set_num_threads(1)
    print(f"{'width':>6} {'trials':>7} {'batched/s':>11} {'looped/s':>10} {'gain':>7}")
    for width, trials in ((32, 128), (100, 40)):
        rate(width, 2, 1)
        pairs = [(rate(width, trials, 2), rate(width, 1, 6)) for _ in range(ROUNDS)]
        fast, slow = (max(side) for side in zip(*pairs, strict=True))
        print(f"{width:6} {trials:7} {fast:11.0f} {slow:10.0f} {fast / slow:6.1f}x")


if __name__ == "__main__":
    main()
