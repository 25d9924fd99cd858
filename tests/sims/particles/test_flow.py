from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.particles import energy, problems
from lazy_assay.sims.particles.flow import MOMENTS, Flow
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser

SMALL: dict[str, Any] = {"n": 3, "d": 2, "k": 1, "m": 4, "alpha": 1.5, "activation": "tanh", "loss": "squared"}
DECAYS: dict[str, Any] = {"lambda_u": 0.1, "lambda_theta": 0.05, "waves": 0.1}
WHERE = {name: column for column, name in enumerate(energy.COLUMNS)}


def problem(trials: int = 1) -> tuple[Objective, Measure]:
    stream = Stream(7)
    phi = problems.objective(
        stream, trials, 3, 2, 1, activation="tanh", loss="squared", alpha=1.5, regulariser=Regulariser(0.1, 0.05, 0.1)
    )
    return phi, problems.neurons(stream, trials, 4, 2, 1)


@pytest.mark.parametrize("schedule", ["constant", "inverse", "exponential"])
def test_the_flow_ends_where_scipy_s_dop853_does(schedule: str) -> None:
    phi, start = problem()
    flow = Flow(phi, start, schedule, moments=tuple(MOMENTS))
    states = flow.states(1.0, 32)
    found = integrate.solve_ivp(
        lambda t, state: flow.velocity(t, torch.from_numpy(state)[None])[0].numpy(),
        (0, 1),
        states[0][0].numpy(),
        method="DOP853",
        rtol=1e-12,
        atol=1e-12,
    )
    assert np.abs(found.y[:, -1] - states[-1][0].numpy()).max() < 1e-10


def test_the_steps_have_order_eight() -> None:
    phi, start = problem()
    flow = Flow(phi, start)
    ends = [flow.states(2.0, steps)[-1] for steps in (4, 8, 64)]
    coarse, fine = (float((end - ends[2]).abs().max()) for end in ends[:2])
    assert np.log2(coarse / fine) > 7


def test_an_euler_step_moves_along_minus_the_gradient() -> None:
    phi, start = problem()
    flow, step = Flow(phi, start, "inverse"), 1e-6
    state = flow.states(1.0, 1)[0]
    moved = flow.measure(state + step * flow.velocity(1.0, state))
    g = phi.particle_gradient(start)
    assert torch.allclose(moved.theta, start.theta - step / 2 * g.theta, atol=1e-15)
    assert torch.allclose(moved.u, start.u - step / 2 * g.u, atol=1e-15)


@pytest.mark.parametrize("along, share", [("g", 1), ("m phi", 1), ("phi", 1 / 4)])
def test_what_is_lost_is_what_is_dissipated_times_the_clock(along: str, share: float) -> None:
    rows = energy.followed(**SMALL, **DECAYS, schedule="inverse", time=0.5, steps=16, along=along, trials=3, entropy=1)
    assert torch.allclose(rows[:, WHERE["fall"]], share * rows[:, WHERE["dissipation"]], atol=1e-11)


def test_a_step_on_the_measure_is_a_step_on_the_parameters_m_times_as_long() -> None:
    told = {**SMALL, **DECAYS, "schedule": "constant", "trials": 3, "entropy": 2}
    short = energy.followed(**told, time=0.25, steps=16, along="g")
    long = energy.followed(**told, time=1.0, steps=16, along="phi")
    assert torch.allclose(short[:, WHERE["last"]], long[:, WHERE["last"]], atol=1e-11)


@pytest.mark.parametrize(
    "wrong, message",
    [({"schedule": "cosine"}, "no schedule"), ({"along": "psi"}, "goes along"), ({"steps": 12}, "multiple of 8")],
)
def test_what_is_not_known_is_refused(wrong: dict[str, Any], message: str) -> None:
    told = {**SMALL, **DECAYS, "schedule": "constant", "time": 0.5, "steps": 8} | wrong
    with pytest.raises(ValueError, match=message):
        energy.followed(**told, trials=1, entropy=0)


@pytest.mark.parametrize("loss, k", [("squared", 2), ("cross_entropy", 1), ("cross_entropy", 3), ("bounded", 2)])
def test_losses_by_one_name_take_any_number_of_outputs(loss: str, k: int) -> None:
    phi = problems.objective(Stream(3), 2, 4, 3, k, activation="tanh", loss=loss)
    assert phi.value(problems.neurons(Stream(4), 2, 5, 3, k)).shape == (2,)


def test_a_loss_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no loss is called 'hinge'"):
        problems.objective(Stream(3), 2, 4, 3, 1, activation="tanh", loss="hinge")
