"""Controls of Algorithm 1's witnesses: what leaves the loss above ε, at a number that is computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy

from lazy_assay.checks import Case, Certificate, Context, Scalar, Subject, Verdict
from lazy_assay.checks.kawaguchi2021._certified import DEFICIENT
from lazy_assay.checks.kawaguchi2021._problems import EPSILON as EPSILON_OF_FLOATS
from lazy_assay.checks.kawaguchi2021._witnesses import (
    EPSILON,
    GUARANTEED,
    NARROW,
    POINTS,
    WIDE,
    bases,
    extended,
    loss_of,
    training,
)
from lazy_assay.sims.rank import RankVerdict, certified_rank
from lazy_assay.sims.two_phase import TwoPhase
from lazy_assay.theory.kawaguchi2021._last_layer import decayed_limit, decayed_loss, lipschitz_bound


def controls(context: Context) -> Iterator[Case]:
    """Too few units; weight decay; units that are almost off: the loss is a number above ε, and it is computed."""
    yield from too_few_units(context)
    yield from weight_decay(context)
    yield from nearly_off(context)


def too_few_units(context: Context) -> Iterator[Case]:
    """A quarter of the units: the loss cannot fall below that of least squares on the last layer."""
    run = training(context, "too few units", NARROW, bases()["LBFGS"])
    run.switch()
    A, y = extended(run), run.targets.numpy()
    floor = float(np.square(y - A @ np.linalg.lstsq(A, y, rcond=None)[0]).sum() / np.square(y).sum())
    for _ in range(50):
        run.epoch()
    proof, loss = certified_rank(run.module, run.inputs).verdict, loss_of(run)
    refuted = (
        proof is DEFICIENT and min(loss, floor) > EPSILON and loss >= floor * (1 - 64 * POINTS * EPSILON_OF_FLOATS)
    )
    yield (
        {"n": POINTS, "base": "LBFGS", "m_H": NARROW},
        Subject.CONTROL,
        "expressivity",
        Certificate(
            outcome=Verdict.DISAGREES if refuted else Verdict.UNDECIDED,
            reason=f"loss {loss:.4g}, never below {floor:.4g}, least squares on the last layer: {proof}",
            quantity=loss,
            threshold=EPSILON,
        ),
    )


def weight_decay(context: Context) -> Iterator[Case]:
    """Gradient descent with the weight decay whose limit is a loss of a tenth."""
    run = training(context, "weight decay", WIDE, bases()[GUARANTEED])
    run.switch()
    A, y, s = extended(run), run.targets.numpy(), float(run.targets.square().sum())
    small = decayed_limit(A, y, s, 1e-5)
    decay = scipy.optimize.brentq(lambda rate: decayed_limit(A, y, s, rate) - 0.1, 1e-9, 1e9)
    for group in run.optimiser.param_groups:
        group["weight_decay"] = decay
    told = f"after 500 steps with weight decay {decay:.3g}, whose limit is 0.1; that of 10⁻⁵ is {small:.2g}"
    where: dict[str, Scalar] = {"n": POINTS, "base": "gradient descent with weight decay", "m_H": WIDE, "steps": 500}
    yield where, Subject.CONTROL, "no weight decay", descended(run, decay, 500, told)


def nearly_off(context: Context) -> Iterator[Case]:
    """Last hidden units that are almost off: the guarantee is one of limits."""
    import torch

    run = training(context, "almost off", WIDE, bases()[GUARANTEED])
    with torch.no_grad():
        list(run.module.get_submodule("2").parameters())[1].sub_(10.0)
    run.switch()
    where: dict[str, Scalar] = {"n": POINTS, "m_H": WIDE, "base": GUARANTEED, "steps": 500}
    yield where, Subject.CONTROL, "units that are on", descended(run, 0.0, 500, "after 500 steps, with a limit of 0")


def descended(run: TwoPhase, decay: float, steps: int, told: str) -> Certificate:
    """Descent with step 1/(L_H + λ) against its closed form."""
    A, y, s = extended(run), run.targets.numpy(), float(run.targets.square().sum())
    rate = 1 / (lipschitz_bound(A, 2 * POINTS / s) + decay)
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    start = run.outputs(run.inputs).numpy()
    predicted = decayed_loss(A, y, start, scale=s, decay=decay, step_size=rate, t=steps)
    for _ in range(steps):
        run.epoch()
    return above(run, predicted, steps, told)


def above(run: TwoPhase, predicted: float, t: int, told: str) -> Certificate:
    """A control: the loss is the one that is computed, above ε, and the rank is n all the same, by proof.

    Rounding as for Theorem 1: 64 (n + m + t) machine epsilons of losses of order one. No condition number: nothing is
    solved for.
    """
    loss, proved = loss_of(run), certified_rank(run.module, run.inputs).verdict
    as_computed = abs(loss - predicted) <= 64 * (POINTS + WIDE + t) * EPSILON_OF_FLOATS * (1 + predicted)
    refuted = as_computed and loss > EPSILON and proved is RankVerdict.FULL
    return Certificate(
        outcome=Verdict.DISAGREES if refuted else Verdict.UNDECIDED,
        reason=f"loss {loss:.6g}, computed {predicted:.6g}: {told}; the rank is {proved}, proved",
        quantity=loss,
        threshold=EPSILON,
    )
