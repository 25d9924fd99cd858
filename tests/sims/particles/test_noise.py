import math
from typing import Any

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.particles import problems, stationary
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.noise import NoisyStep, noisy_descent
from lazy_assay.sims.particles.objective import Objective, Of, Regulariser

ETA, LAMBDA, M = 0.1, 0.3, 5


def problem(m: int = M) -> tuple[Objective, Measure]:
    stream = Stream(2)
    phi = problems.objective(
        stream, 3, 4, 2, 1, activation="tanh", loss="squared", alpha=2.0, regulariser=Regulariser(0.5, 0.5)
    )
    return phi, problems.neurons(stream, 3, m, 2, 1)


STEPS = {
    "along g": (NoisyStep.particles(ETA, LAMBDA), 1.0),
    "along g, as printed": (NoisyStep.printed(ETA, LAMBDA, of=Of.PARTICLE, width=M), 1.0),
    "on the parameters": (NoisyStep.parameters(M * ETA, LAMBDA, M), 1.0),
    "on the parameters, as printed": (NoisyStep.printed_on_parameters(M * ETA, LAMBDA, M), float(M)),
    "on one neuron, as printed": (NoisyStep.printed(ETA, LAMBDA, of=Of.PARAMETERS, width=1), 1.0),
}


@pytest.mark.parametrize("step, hotter", STEPS.values(), ids=STEPS)
def test_a_step_knows_its_temperature(step: NoisyStep, hotter: float) -> None:
    assert step.temperature == pytest.approx(hotter * LAMBDA)
    assert step.moved_time == pytest.approx(ETA)


def test_printed_noise_on_the_parameters_is_refused_unless_asked_for_by_name() -> None:
    with pytest.raises(ValueError, match=r"runs at temperature mλ_p = 1\.5, not 0\.3; .*printed_on_parameters"):
        NoisyStep.printed(ETA, LAMBDA, of=Of.PARAMETERS, width=M)


def test_a_step_takes_no_gradient_of_anything_else() -> None:
    phi, rho = problem()
    step = NoisyStep.parameters(ETA, LAMBDA, M)
    with pytest.raises(ValueError, match="on phi was given a gradient of g"):
        step.moved(rho, phi.particle_gradient(rho), Stream(1))
    with pytest.raises(ValueError, match="on g was given a gradient of phi"):
        NoisyStep.particles(ETA, LAMBDA).moved(rho, phi.parameter_gradient(rho), Stream(1))


def test_a_step_meant_for_another_width_is_refused() -> None:
    phi, rho = problem(m=M + 1)
    with pytest.raises(ValueError, match="meant for 5 neurons was given 6"):
        noisy_descent(phi, rho, NoisyStep.parameters(ETA, LAMBDA, M), 1, Stream(1))


def test_uneven_masses_have_no_temperature_on_the_parameters() -> None:
    phi, rho = problem()
    uneven = Measure(rho.theta, rho.u, torch.softmax(Stream(5).normal(3, M), -1))
    with pytest.raises(ValueError, match="one temperature where all masses are equal"):
        noisy_descent(phi, uneven, NoisyStep.parameters(ETA, LAMBDA, M), 1, Stream(1))
    noisy_descent(phi, uneven, NoisyStep.particles(ETA, LAMBDA), 1, Stream(1))


@pytest.mark.parametrize("wrong", [(0.0, 0.1), (0.1, -0.1)])
def test_steps_of_no_size_and_negative_temperatures_are_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="positive size, a variance ≥ 0"):
        NoisyStep.particles(*wrong)


def test_both_ways_of_the_same_temperature_are_the_same_step() -> None:
    phi, rho = problem()
    first = noisy_descent(phi, rho, NoisyStep.particles(ETA, LAMBDA), 20, Stream(9))
    second = noisy_descent(phi, rho, NoisyStep.parameters(M * ETA, LAMBDA, M), 20, Stream(9))
    assert torch.allclose(first.theta, second.theta, atol=1e-12)
    assert torch.allclose(first.u, second.u, atol=1e-12)


def test_noise_has_the_variance_in_the_books_and_what_is_held_stays() -> None:
    phi, rho = problem()
    g, step = phi.particle_gradient(rho), NoisyStep.particles(ETA, LAMBDA)
    draws = [step.moved(rho, g, Stream(seed), frozenset({"u"})) for seed in range(300)]
    noise = torch.stack([moved.theta - (rho.theta - ETA * g.theta) for moved in draws])
    assert all(torch.equal(moved.u, rho.u) for moved in draws)
    assert float(noise.var()) == pytest.approx(2 * LAMBDA * ETA, rel=5 * math.sqrt(2 / noise.numel()))


def test_looks_come_after_the_burn_and_then_at_regular_steps() -> None:
    phi, rho = problem()
    seen: list[Measure] = []
    noisy_descent(phi, rho, NoisyStep.particles(ETA, 0.0), 9, Stream(1), watch=seen.append, after=3, every=2)
    by_hand = [noisy_descent(phi, rho, NoisyStep.particles(ETA, 0.0), k, Stream(1)).theta for k in (3, 5, 7, 9)]
    assert len(seen) == 4
    assert all(torch.equal(one.theta, other) for one, other in zip(seen, by_hand, strict=True))


REST: dict[str, Any] = {
    "inputs": [1.2, -0.4],
    "labels": [1.0, 0.5],
    "m": 6,
    "alpha": 2.0,
    "activation": "tanh",
    "lambda_u": 0.5,
    "lambda_theta": 0.5,
    "temperature": 0.0,
    "step_size": 0.2,
    "burn": 30,
    "looks": 2,
    "every": 3,
    "trials": 4,
}


def test_a_cold_start_at_zero_stays_there() -> None:
    assert torch.equal(
        stationary.moment_at_rest(**REST, start="zero", moment="uu", entropy=1), torch.zeros(4, dtype=torch.float64)
    )


@pytest.mark.parametrize("wrong, message", [({"start": "far"}, "no start"), ({"moment": "vv"}, "no moment")])
def test_starts_and_moments_that_are_none_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stationary.moment_at_rest(**REST, **{"start": "zero", "moment": "uu"} | wrong, entropy=1)


def test_noise_that_is_neither_printed_nor_scaled_is_refused() -> None:
    with pytest.raises(ValueError, match="printed or scaled"):
        stationary.step_of("g", "loud", ETA, LAMBDA, M)
