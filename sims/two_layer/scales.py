"""One two-layer network between mean field and tangent kernel: what the scale α of its output decides.

f(x) = (α/m) Σ_j u_j h(<θ_j, x>), neurons in pairs of opposite u, so that the first output is zero; ½ the mean squared
error. Time is the one in which outputs move by O(1): steps of step_size · m/max(α, α²). Networks are compared where
their training loss first is the same share of the first one. Fang, Dong, Zhang 2021, Fig. 7 and Tables I, II.

The data of the tables: x ~ N(0, I/4), y the sign of x_1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import every_trial
from lazy_assay.sims.dynamics.two_layer import Model, Tangent, TwoLayer
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, Tensor]

DEVIATION = 0.5


def movement(
    *,
    n: int,
    d: int,
    activation: str,
    widths: ArrayLike,
    alphas: ArrayLike,
    target: float,
    step_size: float,
    most: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """How far networks of widths[i] and alphas[i] have moved, shape (trials, 2, networks), at a share `target` of loss.

    First the mean over neurons of ‖θ_j − θ_j(0)‖, then ‖K − K(0)‖/‖K(0)‖ of the tangent kernel at the n points
    (Frobenius norms). Random unit inputs, normal labels. Infinite where `most` steps are not enough.
    """
    stream, found = Stream(entropy, device, dtype), []
    x, y = torch.nn.functional.normalize(stream.normal(trials, n, d), dim=-1), stream.normal(trials, n, 1)
    for m, alpha in zip(np.asarray(widths).tolist(), np.asarray(alphas).tolist(), strict=True):
        start = _paired(stream, trials, d, m)
        training = _Training(TwoLayer(activation, alpha / m), x, y, step_size * m / max(alpha, alpha**2), most)
        w, arrived = training.past(start, target)
        told = torch.stack([_distance(w, start), _change(activation, w, start, x)], dim=-1)
        found.append(torch.where(arrived[:, None], told, torch.inf))
    return torch.stack(found, dim=-1)


def rescaled_start(
    *,
    n: int,
    d: int,
    test: int,
    activation: str,
    m: int,
    alpha: float,
    factor: float,
    decay: float,
    target: float,
    step_size: float,
    most: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean squared error at `test` fresh points, and the kernel's relative change; shape (trials, 4).

    Both from θ(0), then both from factor · θ(0), with the regulariser (decay/2m) Σ_j (u_j² + ‖θ_j‖²). At a share
    `target` of the first loss, infinite where that is not reached; with target = 0 after `most` steps.
    """
    stream = Stream(entropy, device, dtype)
    (x, y), (tx, ty) = _halves(stream, trials, n, d), _halves(stream, trials, test, d)
    network, readings = TwoLayer(activation, alpha / m), []
    theta, u = _paired(stream, trials, d, m)
    training = _Training(network, x, y, step_size * m / max(alpha, alpha**2), most, decay / m)
    for start in ((theta, u), (factor * theta, u)):
        w, arrived = training.past(start, target)
        error = (network.outputs(w, tx) - ty).square().mean((1, 2))
        told = torch.stack([error, _change(activation, w, start, x)], dim=-1)
        readings.append(torch.where(arrived[:, None] | (target == 0), told, torch.inf))
    return torch.cat(readings, dim=-1)


def alignment(
    *,
    n: int,
    d: int,
    activation: str,
    m: int,
    alpha: float,
    target: float,
    step_size: float,
    most: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """yᵀKy/(‖K‖_F ‖y‖²) of the tangent kernel after training and before, and its relative change; (trials, 3)."""
    stream = Stream(entropy, device, dtype)
    x, y = _halves(stream, trials, n, d)
    start = _paired(stream, trials, d, m)
    training = _Training(TwoLayer(activation, alpha / m), x, y, step_size * m / max(alpha, alpha**2), most)
    w, arrived = training.past(start, target)
    after, before = (_aligned(_kernel(activation, each, x), y) for each in (w, start))
    told = torch.stack([after, before, _change(activation, w, start, x)], dim=-1)
    return torch.where(arrived[:, None], told, torch.inf)


def decayed_gap(
    *,
    n: int,
    d: int,
    activation: str,
    m: int,
    alpha: float,
    decay: float,
    trained: str,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Root mean square of f − f_tangent over that of f_tangent − f(0) at the training points; shape (trials,).

    Both are trained with the regulariser (decay/2m) Σ_j (u_j² + ‖θ_j‖²), `both` layers or the `outer` one alone (random
    features). Raises ValueError for another.
    """
    if trained not in ("both", "outer"):
        raise ValueError(f"trained is both or outer, not {trained!r}")
    stream = Stream(entropy, device, dtype)
    x, y = _halves(stream, trials, n, d)
    start = _paired(stream, trials, d, m)
    network, rate = TwoLayer(activation, alpha / m), step_size * m / max(alpha, alpha**2)
    models: tuple[Model, Model] = (network, Tangent(network, start))
    hidden = 1.0 if trained == "both" else 0.0
    ends = [_Training(model, x, y, rate, steps, decay / m, hidden).past(start, 0.0)[0] for model in models]
    f, g = (model.outputs(w, x) for model, w in zip(models, ends, strict=True))
    moved = g - network.outputs(start, x)
    gap: Tensor = (f - g).square().mean((1, 2)).sqrt() / moved.square().mean((1, 2)).sqrt()
    return gap


def _paired(stream: Stream, trials: int, d: int, m: int) -> Parameters:
    """Normal weights of m/2 neurons, and again with the opposite u."""
    theta, u = stream.normal(trials, d, m // 2), stream.normal(trials, m // 2, 1)
    return torch.cat([theta, theta], dim=-1), torch.cat([u, -u], dim=-2)


def _halves(stream: Stream, trials: int, n: int, d: int) -> tuple[Tensor, Tensor]:
    """Points and the side of the first axis on which they lie."""
    x = DEVIATION * stream.normal(trials, n, d)
    return x, torch.where(x[..., :1] > 0, 1.0, -1.0).to(x.dtype)


@dataclass(frozen=True)
class _Training:
    """Descent on ½ the mean squared error plus (decay/2)‖w‖², at most so many steps.

    hidden: what multiplies the step of θ.
    """

    model: Model
    x: Tensor
    y: Tensor
    rate: float
    most: int
    decay: float = 0.0
    hidden: float = 1.0

    def past(self, start: Parameters, target: float) -> tuple[Parameters, Tensor]:
        """Weights where each trial's loss first is at most a share `target` of its first one, and whether it ever is.

        Those that never are end at the last step.
        """
        w, kept, first = start, start, self.y.square().mean((1, 2)) / 2
        done = torch.zeros_like(first, dtype=torch.bool)
        for k in range(self.most + 1):
            f, gradients = self.model.pulled(w, self.x)
            arrived = (f - self.y).square().mean((1, 2)) / 2 <= target * first
            kept = _chosen(done, kept, w)
            done = done | arrived
            if k == self.most or (k % 8 == 0 and every_trial(done)):
                break
            of_theta, of_u = gradients((f - self.y) / self.x.shape[-2])
            theta, u = w
            theta = theta - self.hidden * self.rate * (of_theta + self.decay * theta)
            w = theta, u - self.rate * (of_u + self.decay * u)
        return kept, done


def _chosen(mask: Tensor, first: Parameters, second: Parameters) -> Parameters:
    theta, u = (torch.where(mask[:, None, None], a, b) for a, b in zip(first, second, strict=True))
    return theta, u


def _distance(w: Parameters, start: Parameters) -> Tensor:
    """Mean over neurons of ‖θ_j − θ_j(0)‖."""
    mean: Tensor = (w[0] - start[0]).norm(dim=1).mean(-1)
    return mean


def _kernel(activation: str, w: Parameters, x: Tensor) -> Tensor:
    """(1/m) Σ_j (h(<θ_j, x>)h(<θ_j, x'>) + u_j² h'(<θ_j, x>)h'(<θ_j, x'>)<x, x'>), (trials, n, n)."""
    theta, u = w
    z = x @ theta
    hidden, bend = activations.value(activation)(z), activations.slope(activation)(z) * u.mT
    return (hidden @ hidden.mT + (bend @ bend.mT) * (x @ x.mT)) / u.shape[-2]


def _change(activation: str, w: Parameters, start: Parameters, x: Tensor) -> Tensor:
    """‖K − K(0)‖_F/‖K(0)‖_F."""
    before = _kernel(activation, start, x)
    moved = _kernel(activation, w, x) - before
    change: Tensor = moved.flatten(1).norm(dim=1) / before.flatten(1).norm(dim=1)
    return change


def _aligned(K: Tensor, y: Tensor) -> Tensor:
    """yᵀKy/(‖K‖_F ‖y‖²)."""
    aligned: Tensor = (y.mT @ K @ y)[:, 0, 0] / (K.flatten(1).norm(dim=1) * y.square().sum((1, 2)))
    return aligned
