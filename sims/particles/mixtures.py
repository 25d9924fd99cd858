"""The objective along mixtures of trained measures, and along straight lines in their parameters.

ρ_0 and ρ_1 are networks of m and `other_m` neurons, trained on the same data by descent along ∇g from starts of their
own; ρ_s = (1 − s)ρ_0 + sρ_1 is a network of all of their neurons with other masses. Fang, Dong, Zhang 2021, Eq. (16)
and the sentence below it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles import problems
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser

if TYPE_CHECKING:
    from torch import Tensor

# What a row of `along_mixture` holds, in this order.
COLUMNS = (
    "value",  # φ(ρ_s)
    "first",  # φ(ρ_0)
    "second",  # φ(ρ_1)
    "gap",  # (1/n) Σ ‖f_1 − f_0‖²
    "bend",  # d²φ(ρ_s)/ds², by differentiating φ twice in s
    "curvature",  # (1/n) Σ Δf_iᵀ L''(f_s, y_i) Δf_i
)


def along_mixture(
    *,
    n: int,
    d: int,
    k: int,
    m: int,
    other_m: int,
    alpha: float,
    activation: str,
    loss: str,
    lambda_u: float,
    lambda_theta: float,
    waves: float,
    s: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """What `COLUMNS` name, (trials, columns)."""
    stream = Stream(entropy, device, dtype)
    r = Regulariser(lambda_u, lambda_theta, waves)
    phi = problems.objective(stream, trials, n, d, k, activation=activation, loss=loss, alpha=alpha, regulariser=r)
    first, second = (
        trained(phi, problems.neurons(stream, trials, width, d, k), step_size, steps) for width in (m, other_m)
    )
    gap = (phi.outputs(second) - phi.outputs(first)).square().sum(-1).mean(-1)
    share = torch.full_like(gap, s).requires_grad_()
    with torch.enable_grad():
        value = phi.value(first.mixed(second, share))
        (rises,) = torch.autograd.grad(value.sum(), share, create_graph=True)
        (bend,) = torch.autograd.grad(rises.sum(), share)
    curvature = bent(phi, first.mixed(second, s), phi.outputs(second) - phi.outputs(first))
    return torch.stack([value.detach(), phi.value(first), phi.value(second), gap, bend, curvature], dim=1)


def bent(phi: Objective, rho: Measure, move: Tensor) -> Tensor:
    """(1/n) Σ_i Δf_iᵀ L''(f(ρ, x_i), y_i) Δf_i, with L'' written out; move: Δf, (..., n, k)."""
    f = phi.outputs(rho)
    return _BENT[phi.loss](f, phi.y, move).mean(-1)


def _of_bounded(f: Tensor, y: Tensor, move: Tensor) -> Tensor:
    away = f - y
    inner = move.square().sum(-1) - (away * move).sum(-1).square()
    return inner * torch.exp(-away.square().sum(-1) / 2)


def _of_softmax(f: Tensor, y: Tensor, move: Tensor) -> Tensor:
    p = torch.softmax(f, dim=-1)
    return (p * move.square()).sum(-1) - (p * move).sum(-1).square()


# Δfᵀ L''(f, y) Δf of every point.
_BENT: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "half_squared": lambda f, y, move: move.square().sum(-1),
    "logistic": lambda f, y, move: (torch.sigmoid(f) * torch.sigmoid(-f) * move.square()).sum(-1),
    "softmax": _of_softmax,
    "bounded": _of_bounded,
}


def midpoints_above(
    *,
    n: int,
    d: int,
    m: int,
    alpha: float,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    pairs: int,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Shares of `pairs` of trained networks of equal width with φ above the chord half way, (trials, 2).

    First along straight lines in the parameters, neuron by neuron; second along mixtures. Half the squared loss.
    """
    stream, r = Stream(entropy, device, dtype), Regulariser(lambda_u, lambda_theta)
    every = trials * pairs
    phi = problems.objective(stream, every, n, d, 1, activation=activation, loss="squared", alpha=alpha, regulariser=r)
    first, second = (trained(phi, problems.neurons(stream, every, m, d, 1), step_size, steps) for _ in range(2))
    chord = (phi.value(first) + phi.value(second)) / 2
    straight = first.at((first.theta + second.theta) / 2, (first.u + second.u) / 2)
    above = [(phi.value(half) > chord).to(chord.dtype) for half in (straight, first.mixed(second, 0.5))]
    return torch.stack([each.reshape(trials, pairs).mean(1) for each in above], dim=1)


def rescaled_neurons(
    *,
    n: int,
    d: int,
    k: int,
    m: int,
    alpha: float,
    activation: str,
    loss: str,
    lambda_u: float,
    lambda_theta: float,
    s: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """φ at (1 − s)ρ_0 + sρ_1, φ(ρ_0), and ∫‖w‖²d(ρ_0 + ρ_1): (trials, 3).

    ρ_1 has the neurons of ρ_0 as (u/c, cθ), with c log-normal, one for each neuron.
    """
    stream, r = Stream(entropy, device, dtype), Regulariser(lambda_u, lambda_theta)
    phi = problems.objective(stream, trials, n, d, k, activation=activation, loss=loss, alpha=alpha, regulariser=r)
    rho = problems.neurons(stream, trials, m, d, k)
    c = torch.exp(stream.normal(trials, m, 1))
    other = rho.at(rho.theta * c, rho.u / c)
    sizes = [each.mean(each.theta.square().sum(-1) + each.u.square().sum(-1)) for each in (rho, other)]
    return torch.stack([phi.value(rho.mixed(other, s)), phi.value(rho), sizes[0] + sizes[1]], dim=1)


def trained(phi: Objective, rho: Measure, step_size: float, steps: int) -> Measure:
    """The measure after so many steps of descent along ∇g."""
    for _ in range(steps):
        g = phi.particle_gradient(rho)
        rho = rho.at(rho.theta - step_size * g.theta, rho.u - step_size * g.u)
    return rho


def entropies(
    *,
    width: float,
    reach: float,
    s: float,
    points: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """(1 − s)H(p_0) + sH(p_1) − H((1 − s)p_0 + sp_1) of H(p) = ∫ p log p, and ‖p_1 − p_0‖_1²: (trials, 2).

    p_0 and p_1 are even mixtures of two normal densities of standard deviation `width` on a line, about means drawn
    from N(0, reach²); integrals are sums over so many points.
    """
    stream = Stream(entropy, device, dtype)
    centres = reach * stream.normal(trials, 2, 2, 1)
    edge = centres.abs().amax((1, 2, 3)) + 9 * width
    grid = torch.linspace(-1, 1, points, device=stream.device, dtype=stream.dtype) * edge[:, None]
    step = grid[:, 1] - grid[:, 0]
    bells = torch.exp(-((grid[:, None, None, :] - centres) / width).square() / 2) / (width * math.sqrt(2 * math.pi))
    first, second = bells.mean(2).unbind(1)

    return _against_chord(first, second, step, s)


def tilted_entropies(
    *,
    width: float,
    tilt: float,
    s: float,
    points: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same two numbers of p_0 = N(0, width²) and p_1 = (1 ± t)p_0, above and below 0: (trials, 2).

    t is a trial's own, between half of `tilt` and `tilt`. An even number of points, none of which is 0.
    """
    stream = Stream(entropy, device, dtype)
    grid = torch.linspace(-1, 1, 2 * (points // 2), device=stream.device, dtype=stream.dtype) * 9 * width
    first = (torch.exp(-(grid / width).square() / 2) / (width * math.sqrt(2 * math.pi))).expand(trials, -1)
    t = tilt * (3 + stream.uniform(trials, 1)) / 4
    return _against_chord(first, (1 + t * grid.sign()) * first, (grid[1] - grid[0]).expand(trials), s)


def _against_chord(first: Tensor, second: Tensor, step: Tensor, s: float) -> Tensor:
    """The gap of ∫ p log p to its chord, and ‖p_1 − p_0‖_1², of densities on a grid."""

    def H(p: Tensor) -> Tensor:
        told: Tensor = -step * torch.special.entr(p).sum(-1)
        return told

    chord = (1 - s) * H(first) + s * H(second)
    return torch.stack([chord - H((1 - s) * first + s * second), (step * (second - first).abs().sum(-1)) ** 2], dim=1)
