from __future__ import annotations

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Of, Regulariser

T, N, D, M = 4, 5, 3, 7
ROUNDING = 1e-14
CASES = [
    (loss, k, activation)
    for loss, k in (("half_squared", 1), ("half_squared", 2), ("logistic", 1), ("softmax", 3))
    for activation in ("tanh", "softplus", "erf", "sigmoid", "linear", "relu")
]


def drawn(stream: Stream, k: int, m: int = M, even: bool = False) -> Measure:
    theta, u = stream.normal(T, m, D), stream.normal(T, m, k)
    return Measure.uniform(theta, u) if even else Measure(theta, u, torch.softmax(stream.normal(T, m), -1))


def objective(stream: Stream, loss: str, k: int, activation: str) -> Objective:
    x, y = stream.normal(T, N, D), stream.normal(T, N, k)
    y = {"logistic": y[..., 0].sign(), "softmax": torch.softmax(y, -1)}.get(loss, y)
    return Objective(x, y, activation, loss, 1.7, Regulariser(0.1, 0.2, 0.3))


def test_the_outputs_of_a_uniform_measure_are_those_of_the_network() -> None:
    stream = Stream(1)
    rho, x = drawn(stream, 2, even=True), stream.normal(T, N, D)
    by_hand = 1.7 / M * torch.einsum("tnm,tmk->tnk", torch.tanh(torch.einsum("tnd,tmd->tnm", x, rho.theta)), rho.u)
    assert torch.allclose(rho.outputs(x, "tanh", 1.7), by_hand, atol=ROUNDING)


@pytest.mark.parametrize("s", [0.0, 0.3, 1.0])
def test_outputs_and_means_are_linear_in_the_measure(s: float) -> None:
    stream = Stream(2)
    rho, nu, x = drawn(stream, 1), drawn(stream, 1, m=3), stream.normal(N, D)
    mixed = rho.mixed(nu, s)
    chord = (1 - s) * rho.outputs(x, "erf") + s * nu.outputs(x, "erf")
    assert mixed.width == M + 3
    assert torch.allclose(mixed.outputs(x, "erf"), chord, atol=ROUNDING)
    assert torch.allclose(mixed.masses.sum(-1), torch.ones(T, dtype=torch.float64), atol=ROUNDING)
    squares = [measure.mean(measure.u.square()) for measure in (rho, nu, mixed)]
    assert torch.allclose(squares[2], (1 - s) * squares[0] + s * squares[1], atol=ROUNDING)


def test_an_insertion_is_a_mixture_with_one_particle_at_a_share_of_each_trial() -> None:
    stream = Stream(3)
    rho, theta, u, share = drawn(stream, 1), stream.normal(T, D), stream.normal(T, 1), torch.linspace(0, 1, T).double()
    inserted = rho.inserted(theta, u, share)
    assert torch.equal(inserted.masses[:, -1], share)
    assert torch.equal(inserted.theta[:, -1], theta)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"theta .*, got shapes"):
        Measure(torch.zeros(2, 3, 4), torch.zeros(2, 3, 1), torch.zeros(2, 4))


@pytest.mark.parametrize("loss, k, activation", CASES)
def test_a_parameter_s_gradient_is_its_mass_times_its_particle_s(loss: str, k: int, activation: str) -> None:
    stream = Stream(4)
    phi, rho = objective(stream, loss, k, activation), drawn(stream, k)
    particle, parameter = phi.particle_gradient(rho), phi.parameter_gradient(rho)
    assert (particle.of, parameter.of) == (Of.PARTICLE, Of.PARAMETERS)
    assert torch.allclose(parameter.theta, rho.masses[..., None] * particle.theta, atol=ROUNDING)
    assert torch.allclose(parameter.u, rho.masses[..., None] * particle.u, atol=ROUNDING)


@pytest.mark.parametrize("loss, k, activation", CASES)
def test_g_is_the_first_variation_of_phi(loss: str, k: int, activation: str) -> None:
    stream = Stream(5)
    phi, rho, nu = objective(stream, loss, k, activation), drawn(stream, k), drawn(stream, k, m=2)
    step = 1e-5
    measured = (phi.value(rho.mixed(nu, step)) - phi.value(rho.mixed(nu, -step))) / (2 * step)
    g = phi.potential(rho)
    stated = nu.mean(g.value(nu.theta, nu.u)) - rho.mean(g.value(rho.theta, rho.u))
    assert torch.allclose(measured, stated, atol=1e-9)


def test_the_gradient_of_a_potential_is_that_of_its_values_at_any_particle() -> None:
    stream = Stream(6)
    phi, rho = objective(stream, "softmax", 2, "tanh"), drawn(stream, 2)
    g = phi.potential(rho)
    theta, u = stream.normal(T, 2, D).requires_grad_(), stream.normal(T, 2, 2).requires_grad_()
    of_theta, of_u = torch.autograd.grad(g.value(theta, u).sum(), (theta, u))
    found = g.gradient(theta, u)
    assert torch.allclose(found.theta, of_theta, atol=ROUNDING)
    assert torch.allclose(found.u, of_u, atol=ROUNDING)
    assert torch.allclose(found.squared(), of_theta.square().sum(-1) + of_u.square().sum(-1), atol=ROUNDING)
