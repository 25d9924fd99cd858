"""Confronts the remarks: dimension 1,280, spread of two measures, labels that are not separable."""

import math
from collections.abc import Iterator

import numpy as np

from lazy_assay.checks import Case, Certificate, Certificates, Check, Context, Effects, Expected, Subject, Verdict
from lazy_assay.checks.kearns2023._networks import MEASURES, TENTH, Reading, constant, contrast, few, measure, networks
from lazy_assay.checks.kearns2023.width_sweep import longer
from lazy_assay.theory.kearns2023.remarks import CLAIM

POINTS, DIMENSION = 100, 1280
# No progress: the loss still at 90 % of that of a network that says nothing.
STUCK = 0.9 * math.log(2)
HIGH = networks((10,), (10, 10), target_losses=(0.3,), d=DIMENSION, most=100)
REPEATED = networks(*[(100,)] * 8, target_losses=(0.6,))
REPEATED_LONGER = networks(*[(100,)] * 8, target_losses=(0.5,))
XOR = networks((100, 100), (), target_losses=(0.2,), labelling="xor", most=200, step_sizes=(0.001, 0.02))


def opposed(x: np.ndarray) -> np.ndarray:
    """Points of which each is the opposite of another's double: of equal labels they are not separable."""
    half = len(x) // 2
    return np.vstack([x[:half], -2 * x[:half]])


def separable(context: Context) -> Iterator[Case]:
    """w = X⁺y in float64, certified: each margin less its own rounding is positive."""
    for seed in range(max(10, context.profile.seeds)):
        rng = np.random.default_rng([context.key("separable", context.claim.id), seed])
        x = rng.standard_normal((POINTS, DIMENSION))
        y = rng.permutation(np.repeat([1.0, -1.0], POINTS // 2))
        x = context.planted(x, opposed)
        w = np.linalg.lstsq(x, y, rcond=None)[0]
        # A float64 dot product of d terms is off by at most d·eps·Σ|x_k w_k|, twice over for second order.
        slack = 2 * DIMENSION * float(np.finfo(float).eps) * (np.abs(x) @ np.abs(w))
        least = float((y * (x @ w) - slack).min())
        yield (
            {"n": POINTS, "d": DIMENSION, "seed": seed},
            Subject.CLAIM,
            "witness",
            Certificate(
                outcome=Verdict.AGREES if least > 0 else Verdict.UNDECIDED,
                reason="every margin is positive beyond its rounding" if least > 0 else "no verdict",
                quantity=least,
                threshold=0.0,
            ),
        )


def spread(name: str, *, relative: bool) -> Reading:
    """log of the standard deviation over the networks of a trial, over their mean if relative."""
    column = MEASURES.index(name)

    def read(draws: np.ndarray) -> np.ndarray:
        values = draws[:, :, 0, column]
        return np.asarray(np.log(values.std(axis=1, ddof=1) / (values.mean(axis=1) if relative else 1.0)))

    return read


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="high_dimension",
            seeds=few,
            contrasts=tuple(
                contrast(f"loss of {name} hidden above 0.9 ln 2", HIGH, measure("loss", index), constant(STUCK), 0.05)
                for index, name in enumerate(("10", "10-10"))
            ),
        ),
        Certificates(part="separable", cases=separable, route="separating direction"),
        Effects(
            part="lower_variance",
            # A row is a group of eight networks; a spread from eight is known to a quarter.
            seeds=lambda context: {"quick": 24, "full": 60}.get(context.profile.name, 300),
            contrasts=(
                contrast("standard deviation of the absolute difference above that of the norm", REPEATED,
                         spread("absolute", relative=False), spread("norm", relative=False), TENTH),
                contrast("relative to their means they spread alike, loss 0.6", REPEATED,
                         spread("absolute", relative=True), spread("norm", relative=True), 2 * TENTH,
                         control=True, equality=True),
            ),
            further=longer(
                contrast("relative to their means, loss 0.5: absolute difference above norm", REPEATED_LONGER,
                         spread("absolute", relative=True), spread("norm", relative=True), 0.0, control=True),
            ),
        ),
        Effects(
            part="separable_only",
            seeds=few,
            contrasts=(
                contrast("linear model's accuracy above that of two hidden layers", XOR,
                         measure("accuracy", 1), measure("accuracy", 0), 0.05),
                contrast("no linear model fits these labels: 0.9 above its accuracy", XOR,
                         constant(0.9), measure("accuracy", 1), 0.05, control=True),
            ),
            further=longer(
                contrast("two hidden layers reach 95 %: accuracy above it", XOR,
                         measure("accuracy", 0), constant(0.95), 0.0, control=True),
            ),
        ),
    ),
    expected={
        "high_dimension": Expected(status="reverse", reason="they train in some tens of steps", date="2026-11-26"),
        "separable": Expected(status="confirmed", reason="X has full row rank", date="2026-11-26"),
        "lower_variance": Expected(status="reproduced", reason="by its units alone: control", date="2026-11-26"),
        "separable_only": Expected(status="reverse", reason="two hidden layers fit them", date="2026-11-26"),
    },
)  # fmt: skip
