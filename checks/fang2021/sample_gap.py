"""Confronts section VI on [52]: kernels at samples of a product of two coordinates, and the least ℓ1 norm."""

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Contrast,
    Control,
    Draw,
    Effects,
    Expected,
    Fine,
    Means,
    OneOf,
    Pointwise,
    Resolution,
    Route,
    Space,
    Subject,
    Tolerance,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON
from lazy_assay.sims.features import sample_gap
from lazy_assay.theory.fang2021.sample_gap import CLAIM

KERNELS = ("quadratic", "tangent", "exponential")
SIZES: dict[str, Draw] = {"d": OneOf((5, 6, 7, 8)), "n": Between(1, 10), "kernel": OneOf(KERNELS)}
ANCHOR: Configuration = {"d": 8, "n": 14, "kernel": "quadratic"}
ANCHORS: tuple[Configuration, ...] = (
    ANCHOR,
    {**ANCHOR, "kernel": "tangent"},
    {"d": 10, "n": 20, "kernel": "quadratic"},
)
# At twice the steps no error moved by 10⁻³ (20 draws of entropy 3): far below what the contrasts ask for.
STEPS = 400


def solved(values: Values) -> Tolerance:
    """What n sections of d numbers are rounded by."""
    rounding = float(64 * EPSILON * values["n"] * values["d"])
    return Tolerance(rounding=rounding, sources={"rounding": "machine epsilons of n sections, computed"})


def contrast(d: int, samples: int, subject: Subject = Subject.CLAIM) -> Contrast:
    """Least ℓ2 above least ℓ1 norm, in the same draw; half the variance of y is what would matter."""
    route = Route(name="least norms", simulate=sample_gap.sparse_errors, settings=lambda values: {"steps": STEPS})
    return Contrast(f"test error, {samples} samples, d = {d}", (route, {"d": d, "n": samples}), None, 0.5, subject)


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="kernels",
            space=Space(draws=SIZES, anchors=(*ANCHORS, {**ANCHOR, "kernel": "aligned"})),
            route=Route(name="projection over the cube", simulate=sample_gap.explained_share),
            rounding=lambda values: solved(values).rounding,
            source="machine epsilons of an orthonormal basis of n sections",
        ),
        Means(
            part="error",
            space=Space(
                # With one sample all draws are one number: rounding is all its scatter, on which no interval rests.
                draws={**SIZES, "n": Between(2, 10), "lambda_": OneOf((0.0, 0.1, 1.0))},
                anchors=tuple({**anchor, "lambda_": 0.0} for anchor in ANCHORS[:2]),
            ),
            routes=(
                Route(name="kernel regression", simulate=sample_gap.regression_error, allowance=solved, examples=4),
            ),
            resolution=Resolution(relative=0.05, absolute=0.02),
            # Hardly any two of so many points are equal up to sign: the bound is nearly attained.
            fine=Fine(anchors=({**ANCHORS[2], "lambda_": 0.0},), resolution=Resolution(relative=0.01)),
            controls=(Control(assumption="invariant", configuration={**ANCHOR, "kernel": "aligned", "lambda_": 0.0}),),
        ),
        Effects(
            part="selection",
            contrasts=(
                *(contrast(d, 2 * d) for d in (12, 16, 20)),
                contrast(20, 20, Subject.CONTROL),
                contrast(12, 6, Subject.CONTROL),
            ),
        ),
    ),
    expected={
        "kernels": Expected(status="holds, sharp", reason="the trace of a projection", date="2026-11-29"),
        "error": Expected(status="holds, within 10×", reason="all pairs are alike to the kernel", date="2026-11-29"),
        "selection": Expected(status="reproduced", reason="one coefficient of many is not zero", date="2026-11-29"),
    },
)
