"""Confronts the constant of the lazy limit: numpy's perturbation series against networks trained in torch."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Check, Clock, Expected, OneOf, Pointwise, Route, Space, Tolerance, Values
from lazy_assay.checks.chizat2019._networks import ANCHOR, NETWORKS, output_rounding
from lazy_assay.sims.lazy import training as lazy_training
from lazy_assay.theory.chizat2019._perturbation import (
    SEEN,
    TOLERANCE,
    Expansion,
    descent_corrections,
    flow_corrections,
    largest,
)
from lazy_assay.theory.chizat2019.leading_constant import CLAIM, paired_constant

NAMES = ("points", "labels", "W", "u", "activation")
LARGE = OneOf((64.0, 128.0, 256.0, 512.0, 1024.0))
ALPHAS = (64.0, 256.0, 1024.0)
# Steps of order 8 are stable up to some 6 over the fastest eigenvalue, and exact to many digits below.
LONGEST = 2.0


def named(values: Values, *more: str) -> dict[str, Any]:
    """Arguments of formulas and simulations alike."""
    return {name: values[name] for name in (*NAMES, *more)}


def between(values: Values, initialisation: str) -> int:
    """Steps from one seen time to the next: even half as many are short for the fastest direction of the flow."""
    fastest = Expansion(**named(values), initialisation=initialisation).largest_eigenvalue()
    return max(1, math.ceil(2 * float(values["T"]) * fastest / (SEEN * LONGEST)))


def flow_settings(values: Values, initialisation: str, power: int) -> Mapping[str, Any]:
    """What a flow's gap needs beyond a configuration."""
    steps = between(values, initialisation)
    told = {"initialisation": initialisation, "measure": "output", "power": power}
    return {**told, "steps": SEEN * steps, "every": steps}


def by_flow(values: Values, initialisation: str, power: int, *, alpha: float, **looked: int) -> float:
    """The largest gap along the flow, over the seen times; `looked`: other steps, seen at the ends of every so many."""
    told = {**flow_settings(values, initialisation, power), **looked, "alpha": alpha}
    return float(lazy_training.flow_gap_at(**named(values, "T"), **told, trials=1, entropy=0)[0])


def integration(values: Values, initialisation: str, power: int) -> float:
    """Error of both integrators: in half as many steps, at the times of those, and at a hundred times the tolerance."""
    steps = between(values, initialisation)
    whole, half = (
        by_flow(
            values,
            initialisation,
            power,
            alpha=values["alpha"],
            steps=SEEN * steps // coarser,
            every=2 * steps // coarser,
        )
        for coarser in (1, 2)
    )
    series = [
        flow_corrections(initialisation, values["T"], tolerance, **named(values))
        for tolerance in (TOLERANCE, 100 * TOLERANCE)
    ]
    fine, coarse = (largest(found, 2 if initialisation == "paired" else 1) for found in series)
    return abs(whole - half) + abs(fine - coarse)


def beyond_second(corrections: np.ndarray, alpha: float, gap_at_half: float) -> float:
    """What r1 + r2/α leaves of a gap: the third order, and of what that leaves at α/2 a quarter.

    The third order is that of the series, sup‖r3‖/α², a third more for those after it where each is a fourth of the one
    before. What it leaves is measured at α/2: O(α⁻³) predicts an eighth of it. A share of the second order's gap at α/2
    would not do: where the third and the fourth order cancel there, they need not at α.

    corrections: r1, r2, r3 along the training, shape (times, 3, n).
    """
    third = 4 / 3 * float(np.linalg.norm(corrections[:, 2], axis=-1).max()) / alpha**2
    at_half = np.linalg.norm(np.einsum("k,tkn->tn", (2 / alpha) ** np.arange(3), corrections), axis=-1).max()
    return third + abs(gap_at_half - float(at_half)) / 4


THIRD_ORDER = "4/3 of the third order, and a quarter of what it leaves at α/2, where O(α⁻³) predicts an eighth"
NEXT_ORDER = "half of the gap at α/2, where O(α⁻²) predicts a quarter"
INTEGRATED = "the flow in half as many steps, the series at a hundred times the tolerance, measured"


def flow_allowance(values: Values) -> Tolerance:
    """O(α⁻²) beyond the second order; the integrators' error."""
    alpha = values["alpha"]
    corrections = flow_corrections("centred", values["T"], **named(values))
    return Tolerance(
        finite_size=beyond_second(corrections, alpha, by_flow(values, "centred", 1, alpha=alpha / 2)),
        discretisation=integration(values, "centred", 1),
        sources={
            "finite_size": THIRD_ORDER,
            "discretisation": INTEGRATED,
        },
    )


def paired_allowance(values: Values) -> Tolerance:
    """O(α⁻²) beyond the limit, from the gap at α/2; the integrators' error.

    The output is even in α: with a next term of at most (ρ/α)² = 1/16 of this one the gap at α is between a quarter and
    a third of that at α/2. A half leaves room for a term of a seventh.
    """
    gap = by_flow(values, "paired", 2, alpha=values["alpha"] / 2) - paired_constant(values["T"], *network(values))
    return Tolerance(
        finite_size=abs(gap) / 2,
        discretisation=integration(values, "paired", 2),
        sources={
            "finite_size": NEXT_ORDER,
            "discretisation": INTEGRATED,
        },
    )


def descent_allowance(values: Values) -> Tolerance:
    """O(α⁻²) beyond the second order. Steps are the same on both sides."""
    told, alpha = named(values, "step_size", "steps"), values["alpha"]
    found = lazy_training.descent_output_gap_at(
        **told, initialisation="centred", power=1, alpha=alpha / 2, trials=1, entropy=0
    )
    return Tolerance(
        finite_size=beyond_second(descent_corrections("centred", **told), alpha, float(found[0])),
        sources={"finite_size": THIRD_ORDER},
    )


def network(values: Values) -> tuple[Any, ...]:
    """points, labels, W, u, activation."""
    return tuple(values[name] for name in NAMES)


def flow_clock(values: Values, initialisation: str) -> Clock:
    """Time T in steps of order 8."""
    steps = SEEN * between(values, initialisation)
    return Clock(step_size=values["T"] / steps, steps=steps, alpha=values["alpha"])


TIMES = {"T": OneOf((1.0, 2.0, 4.0))}
STEPPED = {"step_size": OneOf((0.05, 0.1, 0.2)), "steps": OneOf((10, 20, 40))}
SOURCE = "32 machine epsilons of the moduli of the output's terms, times the power of α"
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="flow",
            name="constant",
            space=Space(
                draws={**NETWORKS, "alpha": LARGE, **TIMES},
                anchors=tuple({**ANCHOR, "activation": "tanh", "alpha": alpha, "T": 4.0} for alpha in ALPHAS),
            ),
            route=Route(
                name="gradient flow",
                simulate=lazy_training.flow_gap_at,
                settings=lambda values: flow_settings(values, "centred", 1),
                allowance=flow_allowance,
                clock=lambda values: flow_clock(values, "centred"),
            ),
            rounding=lambda values: values["alpha"] * output_rounding(values, values["alpha"]),
            source=SOURCE,
        ),
        Pointwise(
            part="descent",
            name="constant",
            space=Space(
                draws={**NETWORKS, "alpha": LARGE, **STEPPED},
                anchors=tuple(
                    {**ANCHOR, "activation": "tanh", "alpha": alpha, "step_size": 0.1, "steps": 40} for alpha in ALPHAS
                ),
            ),
            route=Route(
                name="gradient descent",
                simulate=lazy_training.descent_output_gap_at,
                settings=lambda values: {"initialisation": "centred", "power": 1},
                allowance=descent_allowance,
                clock=lambda values: Clock(step_size=values["step_size"], steps=values["steps"], alpha=values["alpha"]),
            ),
            rounding=lambda values: values["alpha"] * values["steps"] * output_rounding(values, values["alpha"]),
            source=SOURCE + ", each step",
        ),
        Pointwise(
            part="paired",
            name="constant",
            space=Space(
                draws={**NETWORKS, "alpha": OneOf((32.0, 64.0, 128.0)), **TIMES},
                anchors=tuple({**ANCHOR, "activation": "tanh", "alpha": alpha, "T": 4.0} for alpha in (32.0, 128.0)),
            ),
            route=Route(
                name="gradient flow",
                simulate=lazy_training.flow_gap_at,
                settings=lambda values: flow_settings(values, "paired", 2),
                allowance=paired_allowance,
                clock=lambda values: flow_clock(values, "paired"),
            ),
            rounding=lambda values: 2 * values["alpha"] ** 2 * output_rounding(values, values["alpha"]),
            source=SOURCE,
        ),
    ),
    expected={
        name: Expected(status="confirmed", reason="the expansion of training in powers of 1/α", date="2026-11-26")
        for name in ("flow", "descent", "paired")
    },
)
