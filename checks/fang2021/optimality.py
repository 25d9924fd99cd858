"""Confronts Eqs. (17)–(19): g at networks where descent stops and at refined laws, and certificates of their gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Balances,
    Between,
    Case,
    Certificate,
    Certificates,
    Check,
    Clock,
    Configuration,
    Context,
    Contrast,
    Control,
    Draw,
    Effects,
    Expected,
    OneOf,
    Pointwise,
    Route,
    Scalar,
    Setting,
    Space,
    Subject,
    Tolerance,
    Values,
    Verdict,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON
from lazy_assay.sims.optimality import Neurons, OptimalityGap, optimality_gap
from lazy_assay.sims.particles import optimum, refinement
from lazy_assay.theory.fang2021.optimality import CLAIM

ROWS, INSERTIONS = 4, 4
ANCHOR: Configuration = {"n": 8, "m": 8, "activation": "tanh", "lambda_u": 0.1, "lambda_theta": 0.02}
DRAWS: dict[str, Draw] = {
    "n": OneOf((6, 8)),
    "m": Between(4, 12),
    "activation": OneOf(("tanh", "erf")),
    "lambda_u": OneOf((0.1, 0.2)),
    "lambda_theta": OneOf((0.02, 0.05)),
}
RELU: Configuration = {**ANCHOR, "activation": "relu", "lambda_theta": 0.1}
NOTHING: Configuration = {}
SOURCE = "machine epsilons of sums over neurons and points, in units of losses and decay of normal weights"
# A share of the loss of the zero function, ½ mean y².
WORTH = 0.01


def rounding(values: Values) -> float:
    """Of sums over so many neurons and points; u and θ are at most of the order of ten."""
    return float(2**12 * EPSILON * (int(values["m"]) + int(values["n"])))


def clock(steps: int) -> Clock:
    """Of (20)."""
    return Clock(step_size=refinement.STEP_SIZE, steps=steps)


def route(name: str, simulate: Any, steps: int, **more: Any) -> Route:
    """Laws after so many steps."""
    return Route(
        name=name,
        simulate=simulate,
        settings=lambda values: {"steps": steps, **more},
        clock=lambda values: clock(steps),
        trials=lambda values: ROWS,
        examples=1,
    )


def refined(name: str, *columns: int) -> Route:
    """Some numbers of a refined law: at_optimum's columns.

    Σ_j p_j (g_j − inf g) is what the law may be away from optimal, so that one particle's g_j differs from c by no more
    than that over p_j; and, g being quadratic in u, u_j from where g is least by √(2/λ_u) of its root.
    """

    def left(values: Values) -> Tolerance:
        gap, lambda_u = float(values["excess"]) / float(values["mass"]), float(values["lambda_u"])
        moved = 2 * gap / lambda_u
        if ITS_THETA in columns:
            size = float(values["lambda_theta"]) * float(values["theta_squared"]) - 2 * float(values["mean"])
            moved += 2 * (abs(size) / lambda_u * moved) ** 0.5
        told = "∫g dρ less the least g found, over the particle's mass"
        return Tolerance(optimisation=moved if columns[0] == LEAST_U else gap, sources={"optimisation": told})

    told = route(name, optimum.at_optimum, 1000, insertions=INSERTIONS)
    return replace(told, reads=lambda draws: np.asarray(draws[:, columns]), allowance=left)


FURTHEST, ITS_MASS, LEAST_U, MASS_OF_LEAST, ITS_THETA, MEAN, VALUE, EXCESS = range(8)
OF_G = refined("g of refined laws", FURTHEST, MEAN, VALUE, EXCESS, ITS_MASS)
OF_U = refined("u of refined laws", LEAST_U, MEAN, VALUE, EXCESS, MASS_OF_LEAST)
OF_BOTH = refined("u and θ of refined laws", LEAST_U, ITS_THETA, MEAN, EXCESS, MASS_OF_LEAST)


def balance(
    part: str,
    told: Route,
    more: Configuration = NOTHING,
    further: tuple[str, ...] = (),
    anchors: tuple[Configuration, ...] = (ANCHOR,),
) -> Balances:
    """One part on laws of tanh and erf neurons, with more in the configuration."""
    draws = {**DRAWS, **{name: OneOf((value,)) for name, value in more.items()}}
    space = Space(draws=draws, anchors=tuple({**anchor, **more} for anchor in anchors))
    return Balances(part=part, space=space, route=told, rounding=rounding, source=SOURCE, further=further)


# -- certificates ----------------------------------------------------------------------------------------------------

Array = np.ndarray
LAWS = Route(name="laws", simulate=optimum.laws)
TANH: dict[str, Any] = {"m": 16, "activation": "tanh", "lambda_u": 0.05, "lambda_theta": 0.01, "steps": 1500}
# By name: networks of equal masses, the same kind refined, and ReLU networks as descent leaves them.
RELU_DESCENT: dict[str, Any] = {
    "m": 32,
    "activation": "relu",
    "lambda_u": 0.1,
    "lambda_theta": 0.1,
    "steps": 3000,
    "insertions": 0,
}
REFINED = "refined"
# By name: laws whose certificates decide, and networks of equal masses, which are held against refined laws.
KINDS: dict[str, dict[str, Any]] = {REFINED: {**TANH, "insertions": INSERTIONS}, "ReLU": RELU_DESCENT}
EQUAL: dict[str, dict[str, Any]] = {f"{m} equal masses": {**TANH, "m": m, "insertions": 0} for m in (4, 16, 64)}


def certificates(context: Context) -> Iterator[Case]:
    """Of every kind on the same labels; a network of equal masses is held against the refined law, which is better."""
    several = context.profile.seeds // (3 if context.profile.thorough else 6)
    y = np.random.default_rng(context.key("labels")).standard_normal((several, 8))
    known = {words: certified(context, where, y) for words, where in KINDS.items()}
    for words, where in KINDS.items():
        for trial, (found, own) in enumerate(zip(known[words], y, strict=True)):
            yield {**where, "trial": trial}, Subject.CLAIM, words, certificate(found, own)
    if context.distortion is not None:
        return
    for words, where in EQUAL.items():
        for trial, (found, own) in enumerate(zip(certified(context, where, y), y, strict=True)):
            better = found.objective - known[REFINED][trial].objective
            shown: dict[str, Scalar] = {**where, "trial": trial}
            yield shown, Subject.CONTROL, words, certificate(found, own, better)
            yield shown, Subject.DECOY, f"{words} are optimal", optimal(found, better)


def certified(context: Context, where: dict[str, Any], y: Array) -> list[OptimalityGap]:
    """Gaps of laws of one kind, one a row of labels."""
    drawn = context.draws(LAWS, Setting(where, {**where, "labels": y}), stage="laws", batch=0, trials=len(y))
    decay = {name: where[name] for name in ("lambda_u", "lambda_theta")}
    x = np.array(optimum.inputs(y.shape[1]))
    return [
        optimality_gap(Neurons(law[:, 2:], law[:, 1], where["activation"], masses=law[:, 0]), x, own, **decay)
        for law, own in zip((context.planted(law, doubled) for law in drawn), y, strict=True)
    ]


def doubled(law: Array) -> Array:
    """A law that is optimal no more: output weights twice as large, columns mass, u, θ."""
    return np.asarray(law * np.where(np.arange(law.shape[1]) == 1, 2.0, 1.0))


def certificate(found: OptimalityGap, labels: Array, better: float = -np.inf) -> Certificate:
    """AGREES up to what is worth it; DISAGREES where a law is known that is better by more than the gap."""
    threshold = float(WORTH * np.square(labels).mean() / 2)
    outcome = Verdict.AGREES if found.gap <= threshold else Verdict.UNDECIDED
    return Certificate(
        outcome=outcome if found.gap >= better else Verdict.DISAGREES,
        reason=f"φ − inf φ ≤ {found.gap:.3g}" + (f", and ≥ {better:.3g}" if better > 0 else ""),
        quantity=found.gap,
        threshold=threshold,
    )


def optimal(found: OptimalityGap, better: float) -> Certificate:
    """That it is optimal: refuted by a better law, beyond the rounding of two objectives."""
    refuted = better > 2**10 * EPSILON * found.objective
    return Certificate(
        outcome=Verdict.DISAGREES if refuted else Verdict.UNDECIDED,
        reason=f"a law is known that is better by {better:.3g}",
        quantity=better,
        threshold=0.0,
    )


# -- contrasts -------------------------------------------------------------------------------------------------------

# A teacher of two neurons, both layers decayed alike, as homogeneity wants it.
TAUGHT: Configuration = {"n": 20, "m": 50, "lambda_u": 0.1, "lambda_theta": 0.1}
SHARE, CONSTANT = 0.3, 2e-3


def wasteful(activation: str, column: int, sign: float = 1.0) -> Route:
    """The share of wasted neurons, or c, of one kind; in the configuration is what both have, data too."""
    return Route(
        name=activation,
        simulate=optimum.waste,
        settings=lambda values: {"activation": activation, "threshold": 0.1, "step_size": 0.2, "steps": 1500},
        clock=lambda values: Clock(step_size=0.2, steps=1500),
        reads=lambda draws: np.asarray(sign * draws[:, column]),
    )


# The first inequality is an equality to first order: it is nearly attained a hundredth of the way to ρ'.
NEAR = 0.01


# Decay so strong that g has means above 1, on either side of one another: networks as they are drawn.
HEAVY: tuple[Configuration, ...] = tuple({**ANCHOR, "lambda_u": 4.0, "m": m} for m in (2, 4, 8, 12))
# λ_u above 1, and θ that hardly counts: the least u² is nearly −2c/λ_u.
NEARLY: Configuration = {**ANCHOR, "lambda_u": 2.0, "lambda_theta": 0.002}


def against(name: str, anchors: tuple[Configuration, ...] = (ANCHOR,), **more: Any) -> Balances:
    """Networks that descended against others, or against laws on the way to them."""
    further = {"steps": 400, "insertions": 1, **more}
    told = Route(
        name=name,
        simulate=optimum.against_another,
        settings=lambda values: {"other_m": 6, **further},
        reads=lambda draws: np.asarray(draws[:, :4]),
        clock=lambda values: clock(further["steps"]),
        trials=lambda values: ROWS,
        examples=2,
    )
    return balance("gap", told, anchors=anchors)


CHECK = Check(
    claim=CLAIM,
    procedures=(
        against("descended against refined"),
        replace(against("on the way to refined", share=NEAR), wrong_versions=False),
        replace(
            against("on the way to another, as drawn", HEAVY, share=NEAR, steps=0, insertions=0), wrong_versions=False
        ),
        balance("support", OF_G, further=("excess", "mass")),
        Pointwise(
            part="curvature",
            space=Space(draws={**DRAWS, "activation": OneOf(("tanh", "erf", "relu"))}, anchors=(ANCHOR, RELU)),
            route=Route(
                name="three values",
                simulate=optimum.second_difference,
                settings=lambda values: {"steps": 50},
                clock=lambda values: clock(50),
                reads=lambda draws: np.asarray(draws[:, 1]),
            ),
            rounding=rounding,
            source=SOURCE,
        ),
        balance(
            "entropy",
            Route(
                name="mirror descent",
                simulate=optimum.with_entropy,
                settings=lambda values: {"step_size": 0.3, "steps": 2000},
                coarser=lambda values: {"steps": 1000},
                clock=lambda values: Clock(step_size=0.3, steps=2000),
                trials=lambda values: ROWS,
                examples=1,
            ),
            more={"temperature": 0.05},
        ),
        balance("stationary", route("descent", optimum.stopped, 1500)),
        Certificates(part="certificate", cases=certificates, route="enclosed infimum"),
        Balances(
            part="homogeneous",
            space=Space(draws={**DRAWS, "activation": OneOf(("relu", "abs"))}, anchors=(RELU,)),
            route=Route(name="random networks", simulate=optimum.radial_derivative, trials=lambda values: ROWS),
            rounding=rounding,
            source=SOURCE,
            controls=(Control(assumption="homogeneous", configuration=ANCHOR),),
        ),
        balance("no_waste", OF_U, further=("excess", "mass"), anchors=(NEARLY,)),
        balance("size_on_support", OF_BOTH, further=("excess", "mass")),
        Effects(
            part="waste",
            decides="full",
            contrasts=(
                Contrast("relu beyond tanh", (wasteful("relu", 0), TAUGHT), (wasteful("tanh", 0), TAUGHT), SHARE),
            ),
        ),
        Effects(
            part="constant",
            decides="full",
            contrasts=(
                Contrast(
                    "c of relu beyond c of tanh", (wasteful("relu", 1), TAUGHT), (wasteful("tanh", 1), TAUGHT), CONSTANT
                ),
                Contrast(
                    "c of relu against 0",
                    (wasteful("relu", 1), TAUGHT),
                    (wasteful("relu", 1, 0.0), TAUGHT),
                    CONSTANT,
                    equality=True,
                ),
            ),
        ),
    ),
    expected={
        "gap": Expected(status="confirmed", reason="φ is convex in the law", date="2026-11-29"),
        "support": Expected(status="confirmed", reason="masses move until g is the same", date="2026-11-29"),
        "curvature": Expected(status="confirmed", reason="(λ_u/2)u² has one", date="2026-11-29", as_printed="refuted"),
        "entropy": Expected(
            status="confirmed",
            reason="the first variation has λ_p log p in it",
            date="2026-11-29",
            as_printed="refuted",
        ),
        "stationary": Expected(status="confirmed", reason="a(θ_j) = −λ_u u_j", date="2026-11-29"),
        "certificate": Expected(status="confirmed", reason="an infimum enclosed by intervals", date="2026-11-29"),
        "homogeneous": Expected(status="confirmed", reason="Euler's identity", date="2026-11-29"),
        "no_waste": Expected(status="confirmed", reason="g ≥ 0 where u = 0", date="2026-11-29"),
        "size_on_support": Expected(status="confirmed", reason="g_j = c, and stationary in u", date="2026-11-29"),
        "waste": Expected(status="reproduced", reason="c = 0 for ReLU, below 0 for tanh", date="2026-11-29"),
        "constant": Expected(status="reproduced", reason="g is 2-homogeneous for ReLU", date="2026-11-29"),
    },
)
