"""Confronts section 1's sentence on expressivity: captured shares of unit targets, as contrasts with effect sizes."""

from lazy_assay.checks import Check, Context, Contrast, Effects, Expected, Route, Values
from lazy_assay.sims import neural_tangent, random_features
from lazy_assay.theory.ghorbani2019.expressivity import CLAIM

# A share of 5 % is the smallest difference that would matter to the sentence.
SMALLEST = 0.05


def captured(component: str) -> Route:
    """The share of one unit target that random features with ReLU capture."""

    def settings(values: Values) -> dict[str, str]:
        return {"component": component, "activation": "relu"}

    return Route(name=f"captured {component}", simulate=random_features.captured_fraction, settings=settings)


def many(context: Context) -> int:
    """Draws of the weights: the share along one fixed direction varies a good deal, and a draw is cheap."""
    return 20 * context.profile.seeds


CUBIC = Route(name="captured cubic", simulate=neural_tangent.captured_cubic_fraction)
SMALL, LARGE = {"d": 8, "N": 16}, {"d": 48, "N": 96}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="RF",
            seeds=many,
            contrasts=(
                Contrast(
                    "linear beyond traceless quadratic, d = 48",
                    (captured("linear"), LARGE),
                    (captured("traceless"), LARGE),
                    SMALLEST,
                ),
                Contrast(
                    "linear beyond cubic, d = 48", (captured("linear"), LARGE), (captured("cubic"), LARGE), SMALLEST
                ),
                Contrast(
                    "trace direction beyond traceless quadratic, d = 48",
                    (captured("trace"), LARGE),
                    (captured("traceless"), LARGE),
                    SMALLEST,
                ),
                Contrast(
                    "traceless quadratic falls from d = 8 to 48",
                    (captured("traceless"), SMALL),
                    (captured("traceless"), LARGE),
                    SMALLEST,
                ),
            ),
        ),
        Effects(
            part="NT",
            seeds=many,
            contrasts=(
                Contrast(
                    "cubic falls from d = 6 to 12, N = d",
                    (CUBIC, {"d": 6, "N": 6}),
                    (CUBIC, {"d": 12, "N": 12}),
                    SMALLEST,
                ),
                Contrast(
                    "cubic falls from d = 6 to 15, N = d",
                    (CUBIC, {"d": 6, "N": 6}),
                    (CUBIC, {"d": 15, "N": 15}),
                    SMALLEST,
                ),
            ),
        ),
    ),
    expected={
        "RF": Expected(status="reproduced", reason="[15], with the trace direction of Theorem 1", date="2026-11-22"),
        "NT": Expected(status="reproduced", reason="N d features against d³/6 cubic directions", date="2026-11-22"),
    },
)
