"""Right parameterisations and a dozen planted errors, judged by `lazy_assay.scaling`: MLP, convolutions, a block.

    python benchmarks/scaling.py [--right 100] [--planted 1] [--widths 16,32,64,128,256] [--seeds 16]

Prints the verdict on each planted error, and on each right network at so many entropies how many were accused; and what
is said of right ones at widths that are too small. Needs about 7 CPU minutes.
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


# Too small to tell, whatever the parameterisation is.
SMALL: dict[str, Any] = {"widths": (4, 6, 8, 12), "seeds": 8}


def main() -> None:
    """Judge, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--right", type=int, default=100, help="entropies at which right networks are judged")
    parser.add_argument("--planted", type=int, default=1, help="entropies at which planted errors are judged")
    parser.add_argument("--widths", default="16,32,64,128,256")
    parser.add_argument("--seeds", type=int, default=16)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    options = {"widths": tuple(map(int, arguments.widths.split(","))), "seeds": arguments.seeds}
    for network, error in PLANTED:
        planted(network, error, arguments.planted, options)
    for network in (Mlp, Convolutional, Transformer):
        right(network, arguments.right, options)
        right(network, min(arguments.right, 20), SMALL)


def planted(network: Any, error: dict[str, float], entropies: int, options: dict[str, Any]) -> None:
    """A line: the verdicts, and where the error was found first."""
    results = [
        judged(network, replace(RIGHT, **error), exceptions=EXCEPTIONS[network], entropy=entropy, **options)
        for entropy in range(entropies)
    ]
    found = [row for result in results for row in result.rows if row.verdict == "wrong"]
    where = f"{found[0].kind} {found[0].name}, {found[0].exponent:.2f}" if found else ""
    verdicts = dict(Counter(result.verdict for result in results))
    print(f"{network.__name__:14} {error!s:26} {verdicts} {where}", flush=True)


def right(network: Any, entropies: int, options: dict[str, Any]) -> None:
    """A line every 20 entropies: the verdicts on a right network; none may be wrong."""
    found: Counter[str] = Counter()
    for entropy in range(entropies):
        result = judged(network, RIGHT, exceptions=EXCEPTIONS[network], entropy=entropy, **options)
        found[result.verdict] += 1
        if (entropy + 1) % 20 == 0 or entropy + 1 == entropies:
            print(f"{network.__name__:14} right, widths {options['widths']}, {entropy + 1}: {dict(found)}", flush=True)


if __name__ == "__main__":
    main()
