"""Laws that minimise the objective, and where descent of neurons of equal mass stops: g of (18) at both.

Inputs on a line, n of them from −2 to 2, with a last entry of 1 (θ is weight and bias); labels of a teacher of two
neurons, of mean square 1; half the squared loss; r = (λ_u/2)u² + (λ_θ/2)‖θ‖². `refinement` says how laws are found.
Fang, Dong, Zhang 2021, Eqs. (16)–(20).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser
from lazy_assay.sims.particles.refinement import descended, least_particle, refined, settled

if TYPE_CHECKING:
    from torch import Tensor

# The deviation of θ at the start, which puts kinks and bends among the inputs; the noise that is added to a teacher.
DEVIATION, NOISE = 2.0, 0.1
# Below this mass a particle may be on its way out of the support.
LIGHT = 0.02


def inputs(n: int) -> list[list[float]]:
    """The n inputs, a last entry of 1 beside each."""
    return [[-2 + 4 * i / (n - 1), 1.0] for i in range(n)]


def laws(
    *,
    labels: ArrayLike,
    m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    steps: int,
    insertions: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Masses, u and θ of every particle, (trials, m + insertions, 4), after `steps`, and again after each insertion.

    labels: (trials, n), in the place of a teacher's.
    """
    stream = Stream(entropy, device, dtype)
    y = stream.constant(labels)
    x = stream.constant(inputs(y.shape[1])).expand(trials, -1, -1)
    phi = Objective(x, y[..., None], activation, regulariser=Regulariser(lambda_u, lambda_theta))
    rho = refined(phi, descended(phi, _start(stream, trials, m), steps), steps, insertions)
    return torch.cat([rho.masses[..., None], rho.u, rho.theta], dim=-1)


def stopped(
    *,
    n: int,
    m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Where descent of equal masses stops, the particle with g furthest from its mean: (trials, 4).

    g, u², ‖θ‖² there, and ∫g dρ; u is the best there is for θ.
    """
    stream = Stream(entropy, device, dtype)
    phi = _taught(stream, trials, n, activation, lambda_u, lambda_theta)
    rho = settled(phi, descended(phi, _start(stream, trials, m), steps))
    g = phi.potential(rho).value(rho.theta, rho.u)
    mean = rho.mean(g)
    furthest = (g - mean[:, None]).abs().argmax(-1)
    each = (g, rho.u.square().sum(-1), rho.theta.square().sum(-1))
    return torch.stack([*(_at(value, furthest) for value in each), mean], dim=1)


def at_optimum(
    *,
    n: int,
    m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    steps: int,
    insertions: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Of a refined law, over its particles that are not light: (trials, 8).

    g where it is furthest from ∫g dρ, and the mass there; the least u², the mass and ‖θ‖² there; ∫g dρ, φ, and ∫g dρ
    less the least g that is found, by which nothing can be further from optimal.
    """
    stream = Stream(entropy, device, dtype)
    phi = _taught(stream, trials, n, activation, lambda_u, lambda_theta)
    rho = settled(phi, refined(phi, descended(phi, _start(stream, trials, m), steps), steps, insertions))
    potential = phi.potential(rho)
    g = potential.value(rho.theta, rho.u)
    mean, light = rho.mean(g), rho.masses < LIGHT
    far = torch.where(light, 0.0, (g - mean[:, None]).abs()).argmax(-1)
    small = torch.where(light, torch.inf, rho.u.square().sum(-1)).argmin(-1)
    theta, u = least_particle(phi, rho)
    least = torch.minimum(potential.value(theta[:, None], u[:, None])[:, 0], g.amin(-1))
    squares = (each.square().sum(-1) for each in (rho.u, rho.theta))
    at_least = (_at(each, small) for each in (next(squares), rho.masses, next(squares)))
    ends = (_at(g, far), _at(rho.masses, far), *at_least)
    return torch.stack([*ends, mean, phi.value(rho), mean - least], dim=1)


def against_another(
    *,
    n: int,
    m: int,
    other_m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    steps: int,
    insertions: int,
    trials: int,
    entropy: int,
    share: float = 1.0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """φ(ρ) − φ(ρ'), ∫g(ρ, ·)dρ, ∫g(ρ, ·)dρ' and ∫g(ρ', ·)d(ρ − ρ'), (trials, 4), φ(ρ), φ(ρ') beside: (trials, 6).

    ρ is a descended network of m neurons; ρ' is refined from one of `other_m` with a start of its own, or with a
    `share` below 1 (1 − share)ρ and that share of the refined one.
    """
    stream = Stream(entropy, device, dtype)
    phi = _taught(stream, trials, n, activation, lambda_u, lambda_theta)
    rho = descended(phi, _start(stream, trials, m), steps)
    other = refined(phi, descended(phi, _start(stream, trials, other_m), steps), steps, insertions)
    if share < 1:
        other = rho.mixed(other, share)
    own, theirs = phi.potential(rho), phi.potential(other)
    means = [each.mean(own.value(each.theta, each.u)) for each in (rho, other)]
    back = [each.mean(theirs.value(each.theta, each.u)) for each in (rho, other)]
    values = phi.value(rho), phi.value(other)
    return torch.stack([values[0] - values[1], *means, back[0] - back[1], *values], dim=1)


def radial_derivative(
    *,
    n: int,
    m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """g and u ∂_u g + θᵀ∂_θ g of the first neuron of a random network, (trials, 2)."""
    stream = Stream(entropy, device, dtype)
    phi = _taught(stream, trials, n, activation, lambda_u, lambda_theta)
    rho = _start(stream, trials, m)
    potential = phi.potential(rho)
    slope = potential.gradient(rho.theta, rho.u)
    along = (rho.u * slope.u).sum(-1) + (rho.theta * slope.theta).sum(-1)
    return torch.stack([potential.value(rho.theta, rho.u)[:, 0], along[:, 0]], dim=1)


def second_difference(
    *,
    n: int,
    m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """g(ρ, u, θ), and g(ρ, u + 1, θ) + g(ρ, u − 1, θ) less twice that, at a normal particle; shape (trials, 2).

    ρ is a descended network.
    """
    stream = Stream(entropy, device, dtype)
    phi = _taught(stream, trials, n, activation, lambda_u, lambda_theta)
    rho = descended(phi, _start(stream, trials, m), steps)
    theta, u = stream.normal(trials, 1, 2), stream.normal(trials, 1, 1)
    potential = phi.potential(rho)
    above, here, below = (potential.value(theta, u + step)[:, 0] for step in (1.0, 0.0, -1.0))
    return torch.stack([here, above + below - 2 * here], dim=1)


def with_entropy(
    *,
    n: int,
    m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    temperature: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """g_j − g_k and log p_j − log p_k of the heaviest and the lightest of m given particles, (trials, 2).

    Of the masses that minimise φ + λ_p Σ p_j log p_j, by mirror descent from equal ones.
    """
    stream = Stream(entropy, device, dtype)
    phi = _taught(stream, trials, n, activation, lambda_u, lambda_theta)
    rho = _start(stream, trials, m)
    logs = rho.masses.log()
    for _ in range(steps):
        g = phi.potential(_massed(rho, logs)).value(rho.theta, rho.u)
        logs = torch.log_softmax(logs - step_size * (g + temperature * logs), dim=-1)
    g = phi.potential(_massed(rho, logs)).value(rho.theta, rho.u)
    ends = torch.stack([logs.argmax(-1), logs.argmin(-1)], dim=1)
    (first, last), (top, bottom) = (torch.gather(value, 1, ends).unbind(1) for value in (g, logs))
    return torch.stack([first - last, top - bottom], dim=1)


def waste(
    *,
    n: int,
    m: int,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    threshold: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Of a descended network: (trials, 2).

    The share of neurons with |u|‖h‖ below `threshold` times its root mean square, ‖h‖ in the mean square over the
    inputs; ∫g dρ.
    """
    stream = Stream(entropy, device, dtype)
    phi = _taught(stream, trials, n, activation, lambda_u, lambda_theta)
    rho = descended(phi, _start(stream, trials, m), steps, step_size)
    sizes = rho.u[..., 0].abs() * rho.features(phi.x, activation).square().mean(-2).sqrt()
    wasted = (sizes < threshold * sizes.square().mean(-1, keepdim=True).sqrt()).to(sizes.dtype).mean(-1)
    return torch.stack([wasted, rho.mean(phi.potential(rho).value(rho.theta, rho.u))], dim=1)


def _at(values: Tensor, index: Tensor) -> Tensor:
    """One particle's value a trial."""
    return torch.gather(values, 1, index[:, None])[:, 0]


def _massed(rho: Measure, logs: Tensor) -> Measure:
    return Measure(rho.theta, rho.u, logs.exp())


def _taught(stream: Stream, trials: int, n: int, activation: str, lambda_u: float, lambda_theta: float) -> Objective:
    """φ with labels of a teacher, and noise of a tenth: a teacher may be 0 at every input."""
    x = stream.constant(inputs(n)).expand(trials, -1, -1)
    labels = _start(stream, trials, 2).outputs(x, activation) + NOISE * stream.normal(trials, n, 1)
    labels = labels / labels.square().mean((1, 2), keepdim=True).sqrt()
    return Objective(x, labels, activation, regulariser=Regulariser(lambda_u, lambda_theta))


def _start(stream: Stream, trials: int, m: int) -> Measure:
    """Normal u, and θ of a deviation that puts kinks and bends among the inputs."""
    return Measure.uniform(DEVIATION * stream.normal(trials, m, 2), stream.normal(trials, m, 1))
