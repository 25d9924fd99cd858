"""Right parameterisations and a dozen planted errors, judged by `lazy_assay.scaling`: MLP, convolutions, a block.

    python benchmarks/scaling.py [--right 100] [--widths 32,64,128,256]

Prints the verdict on each planted error, and on each right network at so many entropies how many were accused. Needs
about 5 CPU minutes.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import replace
from typing import Any

import torch
from _parameterisations import Convolutional, Mlp, Recipe, Transformer, judged

RIGHT = Recipe()
# Means over places and products of two draws: smaller than an activation at the start, and named.
NAMED = {"activation readout": (-math.inf, -0.5), "activation scores": (-math.inf, 0.0)}
EXCEPTIONS: dict[Any, Any] = {Mlp: {}, Convolutional: {}, Transformer: NAMED}
PLANTED: list[tuple[Any, dict[str, float]]] = [
    (Mlp, {"readout_step": 0.0}),
    (Mlp, {"hidden_step": 0.0}),
    (Mlp, {"hidden_step": -0.5}),
    (Mlp, {"hidden_start": 0.0}),
    (Mlp, {"readout_start": -0.5}),
    (Mlp, {"input_step": -1.0}),
    (Convolutional, {"readout_step": 0.0}),
    (Convolutional, {"hidden_step": 0.0}),
    (Convolutional, {"readout_start": -0.5}),
    (Transformer, {"attention": 0.5}),
    (Transformer, {"hidden_step": 0.0}),
    (Transformer, {"readout_step": 0.0}),
]


def main() -> None:
    """Judge, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--right", type=int, default=100)
    parser.add_argument("--widths", default="32,64,128,256")
    parser.add_argument("--seeds", type=int, default=8)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    options = {"widths": tuple(map(int, arguments.widths.split(","))), "seeds": arguments.seeds}
    for network, error in PLANTED:
        result = judged(network, replace(RIGHT, **error), exceptions=EXCEPTIONS[network], **options)
        where = next(
            (f"{row.kind} {row.name}, {row.exponent:.2f}" for row in result.rows if row.verdict == "wrong"), ""
        )
        print(f"{network.__name__:14} {error!s:26} {result.verdict:10} {where}", flush=True)
    for network in (Mlp, Convolutional, Transformer):
        found = Counter(
            judged(network, RIGHT, exceptions=EXCEPTIONS[network], entropy=entropy, **options).verdict
            for entropy in range(arguments.right)
        )
        print(f"{network.__name__:14} right, {arguments.right} entropies: {dict(found)}", flush=True)


if __name__ == "__main__":
    main()
