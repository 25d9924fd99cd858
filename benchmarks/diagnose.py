"""How often `lazy_assay.diagnose` errs: on networks whose answer is known, and on one at the very edge of lazy.

    python benchmarks/diagnose.py [--times 100]

Prints, for each network and so many entropies, how often verdict and cause were the known ones, undecided or another.
The null: `within` is set to the median departure itself, of 201 further networks, so that neither verdict is true; and
how often the interval of 6 networks misses that median, 5 % declared. Needs about 4 CPU minutes.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lazy_assay import diagnose
from lazy_assay.checks.diagnose.sentences import SENTENCES

GENERATOR = torch.Generator().manual_seed(1)
Q = torch.linalg.qr(torch.randn(4, 4, generator=GENERATOR))[0]
Y = torch.randn(4, 1, generator=GENERATOR)
ASKED = ("departure", *(name for name in SENTENCES if name.startswith("share of ")))
LEFT_OUT = [name for name in SENTENCES if name not in ASKED]


class Parabola(nn.Module):
    """Outputs (θ, θ²): its tangent model cannot reach the targets (1, 1), and it can."""

    def __init__(self) -> None:
        super().__init__()
        self.theta = nn.Parameter(0.1 * torch.randn(1))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x @ torch.stack([self.theta, self.theta**2])
        return found


class Centred(nn.Module):
    """α/√m (f − f_0) of m tanh neurons."""

    def __init__(self, alpha: float, width: int = 16) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.randn(width, 4)), nn.Parameter(torch.randn(1, width))
        self.register_buffer("a0", self.a.detach().clone())
        self.register_buffer("b0", self.b.detach().clone())
        self.scale = alpha / math.sqrt(width)

    def forward(self, x: Tensor) -> Tensor:
        start = torch.tanh(x @ self.get_buffer("a0").T) @ self.get_buffer("b0").T
        found: Tensor = self.scale * (torch.tanh(x @ self.a.T) @ self.b.T - start)
        return found


def linear(dtype: torch.dtype = torch.float32) -> nn.Module:
    return nn.Linear(4, 1, bias=False).to(dtype)


HALF = torch.bfloat16
# Network, data, recipe; the verdict and the cause that are known.
KNOWN: dict[str, tuple[Callable[[], nn.Module], Tensor, Tensor, dict[str, Any], str, str]] = {
    "stopped early": (linear, Q, Y, {"step_size": 0.2, "steps": 5}, "lazy", "unconverged"),
    "near the largest step": (linear, Q, Y, {"step_size": 3.9, "steps": 9}, "lazy", "step size"),
    "bfloat16": (lambda: linear(HALF), Q.to(HALF), Y.to(HALF), {"step_size": 0.7, "steps": 150}, "lazy", "precision"),
    "parabola": (
        Parabola, torch.eye(2), torch.ones(2, 1), {"step_size": 0.1, "steps": 300}, "not lazy", "kernel drift",
    ),
    "alpha 30": (lambda: Centred(30.0), Q, Y, {"step_size": 1e-3, "steps": 20}, "lazy", "unconverged"),
    "alpha 0.03": (lambda: Centred(0.03), Q, Y, {"step_size": 300.0, "steps": 60}, "not lazy", ""),
}  # fmt: skip
EDGE = (lambda: Centred(1.0), Q, Y, {"step_size": 0.5, "steps": 20})


def main() -> None:
    """Diagnose, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    times = parser.parse_args().times
    torch.set_num_threads(1)
    for name, (make, x, y, recipe, verdict, cause) in KNOWN.items():
        found = [said(make, x, y, recipe, entropy=entropy) for entropy in range(times)]
        verdicts = dict(Counter(it.verdict for it in found))
        causes = dict(Counter(it.cause for it in found))
        print(f"{name:22} known {verdict}, {cause or 'no one cause'}: {verdicts}; {causes}", flush=True)
    edge(times)


def said(make: Callable[[], nn.Module], x: Tensor, y: Tensor, recipe: dict[str, Any], **options: Any) -> Any:
    asked: dict[str, Any] = {"seeds": 6, "leave_out": LEFT_OUT} | recipe | options
    return diagnose(lambda seed: make(), x, y, **asked)


def edge(times: int) -> None:
    """Verdicts where neither is true, and intervals that miss the median of many networks."""
    truth = said(*EDGE, entropy=10**6, seeds=201)["departure"].value
    found = [said(*EDGE, entropy=entropy, within=truth) for entropy in range(times)]
    missed = sum(not low <= truth <= high for low, high in (it["departure"].interval for it in found))
    print(
        f"at the edge, within {truth:.3g}: {dict(Counter(it.verdict for it in found))}; intervals that miss: {missed}"
    )


if __name__ == "__main__":
    main()
