"""Where noisy descent comes to rest: means and variances of a linear law, moments of a nonlinear one, temperatures.

Particles follow `noise.noisy_descent` for `burn` steps, and are then looked at `looks` times, `every` steps apart: what
is returned of a trial is the mean of what was seen, since its looks are not independent of one another. Noise and
starts are a trial's own; data are given, or drawn where the number of points is. Fang, Dong, Zhang 2021, section V.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles import problems
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.noise import NoisyStep, noisy_descent
from lazy_assay.sims.particles.objective import Objective, Of, Regulariser

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

# What `moment_at_rest` reads: E over particles of u², θ², uθ; f at the first input; of r = u + a(θ)/λ_u, with a(θ) =
# (α/n) Σ L'_1 h(θ, x_i) at the particles' own ρ, E r² and E r⁴; and φ.
MOMENTS = ("uu", "tt", "ut", "f", "square", "fourth", "phi")
STARTS = ("zero", "narrow", "wide", "apart")


def linear_law(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    m: int,
    alpha: float,
    lambda_theta: float,
    temperature: float,
    step_size: float,
    burn: int,
    looks: int,
    every: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """f(ρ, x) = α ∫ θᵀx dρ, u = 1 kept, half the squared loss and (λ_θ/2)‖θ‖²; (trials, 3).

    The mean over particles and dimensions of (θ_j − θ̄)²; (m/2)(eᵀθ̄ − eᵀθ̄')² of two independent runs, e the top
    eigenvector of (1/n) Σ xxᵀ; and eᵀθ̄, over both, with the sign of e that makes eᵀ Σ xy positive.
    """
    stream = Stream(entropy, device, dtype)
    x, y = stream.constant(points), stream.constant(labels)
    phi = Objective(x, y[:, None], "linear", alpha=alpha, regulariser=Regulariser(0.0, lambda_theta))
    theta = stream.normal(2 * trials, m, x.shape[-1])
    rho = Measure.uniform(theta, torch.ones_like(theta[..., :1]))
    e = torch.linalg.eigh(x.mT @ x)[1][:, -1]
    e = torch.where((x.mT @ y) @ e < 0, -e, e)

    def read(now: Measure) -> Tensor:
        centre = now.mean(now.theta)
        along = centre @ e
        spread = (now.theta - centre[:, None]).square().mean((-2, -1))
        first, second = along[:trials], along[trials:]
        twice = m / 2 * (first - second).square()
        return torch.stack([(spread[:trials] + spread[trials:]) / 2, twice, (first + second) / 2], dim=-1)

    step = NoisyStep.particles(step_size, temperature)
    return _looked(phi, rho, step, stream, read, burn, looks, every, frozenset({"u"}))


def moment_at_rest(
    *,
    inputs: ArrayLike,
    labels: ArrayLike,
    m: int,
    alpha: float,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    temperature: float,
    step_size: float,
    start: str,
    moment: str,
    burn: int,
    looks: int,
    every: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """One of `MOMENTS`, at inputs on a line, (trials,). start: one of `STARTS`, the law of u and θ at first."""
    if moment not in MOMENTS:
        raise ValueError(f"no moment is called {moment!r}; there are {', '.join(MOMENTS)}")
    stream = Stream(entropy, device, dtype)
    x, y = stream.constant(inputs)[:, None], stream.constant(labels)
    phi = Objective(x, y[:, None], activation, alpha=alpha, regulariser=Regulariser(lambda_u, lambda_theta))
    rho = started(stream, trials, m, 1, start)

    def read(now: Measure) -> Tensor:
        return _read(phi, now, moment)

    return _looked(phi, rho, NoisyStep.particles(step_size, temperature), stream, read, burn, looks, every)


def _read(phi: Objective, now: Measure, moment: str) -> Tensor:
    u, theta = now.u[..., 0], now.theta[..., 0]
    if moment == "f":
        return phi.outputs(now)[:, 0, 0]
    if moment == "phi":
        return phi.value(now)
    if moment in ("square", "fourth"):
        r = u + phi.potential(now).force(now.theta)[..., 0] / phi.regulariser.lambda_u
        return now.mean(r**2 if moment == "square" else r**4)
    return now.mean({"uu": u * u, "tt": theta * theta, "ut": u * theta}[moment])


def started(stream: Stream, trials: int, m: int, d: int, start: str) -> Measure:
    """m particles at 0 (`zero`), normal of variance ¼ or 4 (`narrow`, `wide`), or near u = θ_i = 2 (`apart`)."""
    if start not in STARTS:
        raise ValueError(f"no start is called {start!r}; there are {', '.join(STARTS)}")
    theta, u = stream.normal(trials, m, d), stream.normal(trials, m, 1)
    scale, shift = {"zero": (0.0, 0.0), "narrow": (0.5, 0.0), "wide": (2.0, 0.0), "apart": (0.1, 2.0)}[start]
    return Measure.uniform(scale * theta + shift, scale * u + shift)


def thermometer(
    *,
    n: int,
    d: int,
    m: int,
    alpha: float,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    temperature: float,
    step_size: float,
    descends: str,
    noise: str,
    burn: int,
    looks: int,
    every: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean over particles of (w·∇g − (η/2)‖∇g‖²)/(d + 1), η = step_size: the temperature of the law, (trials,).

    descends: `g`, steps of size η along ∇g; `phi`, steps of size mη along ∂φ/∂w. noise: `printed`, N(0, 2λ_p s) on a
    step of size s; `scaled`, N(0, 2λ_pη). λ_p = temperature.
    """
    stream = Stream(entropy, device, dtype)
    r = Regulariser(lambda_u, lambda_theta)
    phi = problems.objective(stream, trials, n, d, 1, activation=activation, loss="squared", alpha=alpha, regulariser=r)
    rho = problems.neurons(stream, trials, m, d, 1)

    def read(now: Measure) -> Tensor:
        g = phi.particle_gradient(now)
        virial = (now.theta * g.theta).sum(-1) + (now.u * g.u).sum(-1)
        return now.mean(virial - step_size / 2 * g.squared()) / (d + 1)

    return _looked(phi, rho, step_of(descends, noise, step_size, temperature, m), stream, read, burn, looks, every)


def step_of(descends: str, noise: str, eta: float, lambda_p: float, m: int) -> NoisyStep:
    """The noisy step that moves by η along (20), with printed or scaled noise. Raises ValueError."""
    of = Of(descends)
    if noise not in ("printed", "scaled"):
        raise ValueError(f"noise is printed or scaled, not {noise!r}")
    if of is Of.PARTICLE:
        return NoisyStep.particles(eta, lambda_p)
    made = NoisyStep.printed_on_parameters if noise == "printed" else NoisyStep.parameters
    return made(m * eta, lambda_p, m)


def spreading(
    *,
    n: int,
    d: int,
    m: int,
    alpha: float,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    temperature: float,
    step_size: float,
    times: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """E‖θ‖² over particles after the given times of noisy descent, whole multiples of step_size: (trials, times)."""
    stream = Stream(entropy, device, dtype)
    r = Regulariser(lambda_u, lambda_theta)
    phi = problems.objective(stream, trials, n, d, 1, activation=activation, loss="squared", alpha=alpha, regulariser=r)
    rho, columns, done = problems.neurons(stream, trials, m, d, 1), [], 0
    step = NoisyStep.particles(step_size, temperature)
    for time in np.asarray(times).tolist():
        steps = round(time / step_size) - done
        rho, done = noisy_descent(phi, rho, step, steps, stream), done + steps
        columns.append(rho.mean(rho.theta.square().sum(-1)))
    return torch.stack(columns, dim=-1)


def _looked(
    phi: Objective,
    rho: Measure,
    step: NoisyStep,
    stream: Stream,
    read: Callable[[Measure], Tensor],
    burn: int,
    looks: int,
    every: int,
    hold: frozenset[str] = frozenset(),
) -> Tensor:
    """The mean of `read` over the looks."""
    seen: list[Tensor] = []
    noisy_descent(
        phi,
        rho,
        step,
        burn + (looks - 1) * every,
        stream,
        hold=hold,
        watch=lambda now: seen.append(read(now)),
        after=burn,
        every=every,
    )
    return torch.stack(seen).mean(0)
