"""Theorem 4 for all functions at once, certified on every draw: (R²C²/d)K − (A − B) positive definite, or a witness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lazy_assay.checks import Case, Certificate, Configuration, Context, Setting, Subject, Verdict
from lazy_assay.checks.daniely2019 import _ball_kernels as balls
from lazy_assay.theory import materialise
from lazy_assay.theory.daniely2019._parameters import ACTIVATION, CENTRES, POINTS

MADE = {parameter.name: parameter.domain for parameter in (CENTRES, POINTS, ACTIVATION)}
CLOSED, NUMERIC = ("abs", "relu", "erf", "sin"), ("tanh", "softplus")
FAMILIES = ("sphere", "few", "single", "cube", "cross", "vertices")
# A witness comes this close to the best constant.
NEARLY = 0.99


def made(configuration: Configuration) -> Setting:
    """Centres and points by name."""
    return Setting(configuration, materialise(configuration, MADE))


def draws(context: Context, label: str, activations: tuple[str, ...]) -> Iterator[Setting]:
    """Settings: every activation, every family of points, seeds from the run's entropy."""
    rng = np.random.default_rng(context.key("certificates", label))
    for index in range(4 * context.profile.examples):
        d = int(rng.integers(2, 6))
        yield made(
            {
                "d": d,
                "c": int(rng.integers(2, 6)),
                "n": 2**d * 2 * d if index % len(FAMILIES) > 3 else int(rng.integers(1, 9)),
                "centres": f"sphere:{rng.integers(1000)}",
                "points": f"{FAMILIES[index % len(FAMILIES)]}:{1000 + rng.integers(1000)}",
                "activation": activations[int(rng.integers(len(activations)))],
            }
        )


def dominated(setting: Setting, share: float = 1.0, square: float | None = None) -> Certificate:
    """Whether share·(R²C²/d)K − (A − B) is positive definite, R² proved to serve, or given as `square` = R²/d.

    The quantity is the largest ratio of A − B to (R²C²/d)K, in float64; the threshold is `share`.
    """
    from flint import arb

    with balls.precise():
        m = matrices(setting)
        found, proved = balls.bounded_square(m.second) if square is None else (arb(square), True)
        excess = balls.combined([(arb(share) * found * m.C2, m.K), (arb(-1), m.A), (arb(1), m.B)])
        definite = proved and balls.proved_definite(excess)
        ratio, worst = worst_function(m, float(found))
        refuted = not definite and bool(balls.form(excess, worst) < 0)
    outcome = Verdict.AGREES if definite else Verdict.DISAGREES if refuted else Verdict.UNDECIDED
    reason = {
        Verdict.AGREES: "proved: LDLᵀ has positive pivots in ball arithmetic, at an R 2⁻⁴⁰ above the least",
        Verdict.DISAGREES: "disproved: a function whose error exceeds the bound, in ball arithmetic",
        Verdict.UNDECIDED: "neither proved nor disproved",
    }[outcome]
    return Certificate(outcome=outcome, reason=reason, quantity=ratio, threshold=share)


def matrices(setting: Setting) -> balls.Matrices:
    """The matrices of a setting, in balls."""
    return balls.matrices(*(setting.values[name] for name in ("activation", "centres", "points")))


def worst_function(m: balls.Matrices, square: float) -> tuple[float, np.ndarray]:
    """The largest ratio of cᵀ(A − B)c to (R²C²/d)cᵀKc and its c, in float64."""
    from scipy.linalg import eigh

    K = balls.floats(m.K) * square * float(m.C2.mid())
    values, vectors = eigh(balls.floats(m.A) - balls.floats(m.B), K)
    return float(values[-1]), vectors[:, -1]


def every_function(context: Context) -> Iterator[Case]:
    """The theorem on drawn centres and distributions; R := 1 where D is concentrated, as decoy and as control."""
    for setting in draws(context, "every", CLOSED):
        yield setting.configuration, Subject.CLAIM, "", dominated(setting, share=context.threshold(1.0))
    reached = vanishing("abs")
    yield reached.configuration, Subject.CLAIM, "reached", dominated(reached, share=context.threshold(1.0))
    for index, setting in enumerate(draws(context, "numeric", NUMERIC)):
        if index < context.profile.examples // 2:
            small = made({**setting.configuration, "c": 2, "n": min(3, int(setting.values["n"]))})
            yield small.configuration, Subject.CLAIM, "", dominated(small, share=context.threshold(1.0))
    for family in ("single", "few"):
        concentrated: Configuration = {
            "d": 5,
            "c": 5,
            "n": 4,
            "centres": "sphere:1",
            "points": f"{family}:1001",
            "activation": "abs",
        }
        found = dominated(made(concentrated), square=1 / 5)
        yield concentrated, Subject.DECOY, "R := 1 on a concentrated distribution", found
        yield concentrated, Subject.CONTROL, "R-bounded", found


def relu(context: Context) -> Iterator[Case]:
    """Half the constant for ReLU over every D; three eighths are too little, and half is too little for abs."""
    for setting in draws(context, "relu", ("relu",)):
        yield setting.configuration, Subject.CLAIM, "", dominated(setting, share=context.threshold(0.5))
    reached = vanishing("relu")
    yield reached.configuration, Subject.CLAIM, "reached", dominated(reached, share=context.threshold(0.5))
    for detail, activation, share in (("three eighths", "relu", 0.375), ("half for abs", "abs", 0.5)):
        isotropic = vanishing(activation)
        yield isotropic.configuration, Subject.DECOY, detail, dominated(isotropic, share=share)


def vanishing(activation: str) -> Setting:
    """More centres than values on ±e_i: some function vanishes at every input, and all of its norm is missed."""
    sizes: Any = {"d": 3, "c": 7, "n": 6}
    return made({**sizes, "centres": "sphere:1", "points": "cross", "activation": activation})


def sharp(context: Context) -> Iterator[Case]:
    """Functions that come within a percent of the constant; ReLU's does not come near the theorem's own."""
    from flint import arb

    for activation, share in (("abs", 1.0), ("relu", 0.5)):
        setting = vanishing(activation)
        with balls.precise():
            m = matrices(setting)
            square, _ = balls.bounded_square(m.second)
            _, c = worst_function(m, float(square))
            error = balls.form(balls.combined([(arb(1), m.A), (arb(-1), m.B)]), c)
            ratio = error / (square * m.C2 * balls.form(m.K, c))
            reached = bool(ratio > arb(context.threshold(NEARLY * share)))
        yield (
            setting.configuration,
            Subject.CLAIM,
            f"{activation}: {share:g} of the bound",
            Certificate(
                outcome=Verdict.AGREES if reached else Verdict.UNDECIDED,
                reason="proved: the function's error over the bound, in ball arithmetic",
                quantity=float(ratio.mid()),
                threshold=NEARLY * share,
            ),
        )
    isotropic = vanishing("relu")
    holds = dominated(isotropic, share=0.5)
    yield (
        isotropic.configuration,
        Subject.DECOY,
        "ReLU reaches the bound",
        Certificate(
            outcome=Verdict.DISAGREES if holds.outcome is Verdict.AGREES else Verdict.UNDECIDED,
            reason="disproved: half the bound holds for every function on these centres",
            quantity=holds.quantity,
            threshold=NEARLY,
        ),
    )
