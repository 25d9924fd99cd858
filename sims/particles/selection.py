"""Neurons selected from a wide network by importance, without a refit (importance sampling) and with one (pruning).

Fang, Dong, Zhang 2021, section VI, Figure 11; f(x) = (α/m) Σ_j u_j σ(θ_jᵀx).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations
from lazy_assay.sims.particles.learned import Sets, Training, accuracy, drawn, ridge

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.particles.measure import Measure


def sampled_distance(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    centres: ArrayLike,
    activation: str,
    N: int,
    importance: str,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Σ over inputs of |f̂(x) − f(x)|², mean over `repeats` draws of N neurons, (trials,).

    Neuron j is drawn, with replacement, with p_j in proportion to 1 (`uniform`), |u_j| (`u`) or |u_j|‖h_j‖ (`uh`), the
    norm over the inputs, and weighted by 1/(m N p_j). Raises ValueError for another importance.
    """
    stream = Stream(entropy, device, dtype)
    terms, shares = _terms(stream, theta, u, alpha, centres, activation), _shares
    return _distance(stream, terms, shares(stream, terms, u, importance), N, (trials, repeats))


def importance_gain(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    centres: ArrayLike,
    activation: str,
    N: int,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same distance by uniform draws less that by draws in proportion to |u_j|‖h_j‖, (trials,)."""
    stream = Stream(entropy, device, dtype)
    terms = _terms(stream, theta, u, alpha, centres, activation)
    found = [
        _distance(stream, terms, _shares(stream, terms, u, importance), N, (trials, repeats))
        for importance in ("uniform", "uh")
    ]
    return found[0] - found[1]


def pruned_accuracy(
    *,
    inputs: ArrayLike,
    targets: ArrayLike,
    n: int,
    test: int,
    m: int,
    kept: int,
    selections: int,
    activation: str,
    theta_scale: float,
    lambda_u: float,
    lambda_theta: float,
    step_size: float,
    steps: int,
    penalty: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Test accuracies with `kept` neurons whose u is fitted again by ridge regression, and two readings; (trials, 6).

    Columns: neurons drawn in proportion to ‖u_j‖; drawn alike; those of largest ‖u_j‖; drawn alike from the network at
    its start; the whole network; share of neurons whose ‖u_j‖‖h_j‖ is below a hundredth of the largest (wasted). Means
    over `selections` draws of neurons, without replacement.
    """
    stream = Stream(entropy, device, dtype)
    training = Training(activation, theta_scale, lambda_u, lambda_theta, step_size, steps)
    sets = drawn(stream, inputs, targets, n + test, trials)
    fit, held = sets.first(n), sets.after(n)
    start = training.start(stream, trials, m, fit)
    rho = training.trained(start, fit)
    size = rho.u.norm(dim=-1)
    by_u = size.log()
    alike, largest = torch.zeros_like(by_u), by_u / torch.finfo(by_u.dtype).eps
    found = [
        _refitted(stream, law, weights, (fit, held), activation, kept, selections, penalty)
        for law, weights in ((rho, by_u), (rho, alike), (rho, largest), (start, alike))
    ]
    reach = size * rho.features(fit.x, activation).square().mean(-2).sqrt()
    wasted = (reach < reach.amax(-1, keepdim=True) / 100).to(reach.dtype).mean(-1)
    return torch.stack([*found, accuracy(rho.outputs(held.x, activation), held.y), wasted], dim=-1)


def _refitted(
    stream: Stream,
    rho: Measure,
    weights: Tensor,
    sets: tuple[Sets, Sets],
    activation: str,
    kept: int,
    selections: int,
    penalty: float,
) -> Tensor:
    """Mean test accuracy over draws of neurons, without replacement, with log-weights (trials, m)."""
    fit, held = sets
    phi, psi = rho.features(fit.x, activation), rho.features(held.x, activation)
    found = []
    for _ in range(selections):
        uniform = (stream.uniform(*weights.shape) + 1) / 2
        gumbel = -(-(uniform.clamp_min(torch.finfo(uniform.dtype).tiny)).log()).log()
        chosen = (weights + gumbel).topk(kept, dim=-1).indices[:, None, :]
        a = ridge(phi.gather(-1, chosen.expand(-1, phi.shape[1], -1)), fit.y, penalty)
        found.append(accuracy(psi.gather(-1, chosen.expand(-1, psi.shape[1], -1)) @ a, held.y))
    return torch.stack(found).mean(0)


def _terms(stream: Stream, theta: ArrayLike, u: ArrayLike, alpha: float, centres: ArrayLike, activation: str) -> Tensor:
    """α u_j h(θ_j, x_i)/m, (inputs, m)."""
    hidden = activations.value(activation)(stream.constant(centres) @ stream.constant(theta).mT)
    terms: Tensor = alpha / hidden.shape[-1] * hidden * stream.constant(u)
    return terms


def _shares(stream: Stream, terms: Tensor, u: ArrayLike, importance: str) -> Tensor:
    """p_j, (m,)."""
    sizes = {"uniform": torch.ones_like(terms[0]), "u": stream.constant(u).abs(), "uh": terms.norm(dim=0)}
    if importance not in sizes:
        raise ValueError(f"no importance is called {importance!r}; there are {', '.join(sizes)}")
    p: Tensor = sizes[importance] / sizes[importance].sum()
    return p


def _distance(stream: Stream, terms: Tensor, p: Tensor, N: int, shape: tuple[int, int]) -> Tensor:
    """Mean over the second axis of `shape` of Σ_i |f̂ − f|², f̂ of N neurons drawn with p."""
    ends = p.cumsum(0)
    uniform = (stream.uniform(*shape, N) + 1) / 2 * ends[-1]
    which = torch.searchsorted(ends, uniform, right=True).clamp_max(len(p) - 1)
    apart: Tensor = ((terms / p)[:, which].mean(-1) - terms.sum(-1)[:, None, None]).square().sum(0).mean(-1)
    return apart
