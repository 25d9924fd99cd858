"""Confronts section 1's sentence on expressivity: captured shares of unit targets, as contrasts with effect sizes."""

from dataclasses import replace

from lazy_assay.checks import (
    Between,
    Check,
    Context,
    Contrast,
    Effects,
    Expected,
    Fine,
    Means,
    OneOf,
    Ratio,
    Resolution,
    Route,
    Space,
    Values,
    telling,
)
from lazy_assay.checks.ghorbani2019._allowances import SOLVED
from lazy_assay.sims.quadratic import cubic_features, neural_tangent, random_features
from lazy_assay.theory.ghorbani2019.expressivity import CLAIM

# A share of 5 % is the smallest difference that would matter to the sentence.
SMALLEST = 0.05


def captured(component: str, activation: str = "relu") -> Route:
    """The share of one unit target that random features capture."""

    def settings(values: Values) -> dict[str, str]:
        return {"component": component, "activation": activation}

    return Route(name=f"captured {component}", simulate=random_features.captured_fraction, settings=settings)


def many(context: Context) -> int:
    """Draws of the weights: the share along one fixed direction varies a good deal, and a draw is cheap."""
    return 20 * context.profile.seeds


def shares(component: str) -> Route:
    """The same share as a mean, with the configuration's activation."""
    return replace(
        captured(component),
        settings=lambda values: {"component": component},
        bounds=(0.0, 1.0),
        allowance=lambda values: SOLVED,
    )


CUBIC = Route(name="captured cubic", simulate=neural_tangent.captured_cubic_fraction)
SMALL, LARGE = {"d": 8, "N": 16}, {"d": 48, "N": 96}
RELU = {"activation": "relu"}
# x² − 1 spends all its features on quadratic functions, He₂ + He₃ some on cubics of type x₁|x|²: there the bounds are
# near. (ReLU and softplus have λ₃ = 0 and capture nothing of a cubic, at every N.)
TRACELESS = Space(
    draws={"d": Between(8, 48), "N": Ratio("d", (0.5, 1.0, 2.0)), "activation": OneOf(("relu", "quadratic", "abs"))},
    anchors=(
        *({"d": d, "N": 2 * d, **RELU} for d in (24, 48)),
        *({"d": d, "N": 2 * d, "activation": "quadratic"} for d in (8, 24)),
    ),
)
# Of nearly as many features as traceless functions two are lost, to the trace and the constant: a share 2/N of all.
NEARLY_ALL = Fine(anchors=({"d": 30, "N": 420, "activation": "quadratic"},), resolution=Resolution(relative=0.002))
CUBICS = Space(
    draws={"d": Between(12, 48), "N": Ratio("d", (0.5, 1.0, 2.0)), "activation": OneOf(("erf", "hermite2_3"))},
    anchors=(
        *({"d": d, "N": 2 * d, "activation": "hermite2_3"} for d in (24, 48)),
        {"d": 12, "N": 48, "activation": "hermite2_3"},
    ),
)
TANGENT = Space(
    draws={"d": Between(10, 16), "N": Ratio("d", (0.25, 0.5))},
    anchors=({"d": 12, "N": 6}, {"d": 24, "N": 6}, {"d": 32, "N": 4}),
)
# Nearly as many features as cubics have dimensions: shares scatter little, at a few microseconds a draw.
NEARLY_ALL_CUBIC = Fine(
    anchors=({"d": 4, "N": 17, "model": "features"}, {"d": 3, "N": 3, "model": "tangent"}),
    resolution=Resolution(relative=0.008),
    copies=16,
)
CUBIC_SHARES = Route(
    name="cubic features",
    simulate=cubic_features.captured_cubics,
    reads=lambda draws: draws[:, 2],
    allowance=lambda values: SOLVED,
)
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
                # ReLU has λ₃ = 0: it captures nothing of a cubic at any N, and would tell nothing.
                Contrast(
                    "linear beyond cubic, d = 48",
                    (captured("linear", "erf"), LARGE),
                    (captured("cubic", "erf"), LARGE),
                    SMALLEST,
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
        *(
            Means(
                part=part,
                name="upper bound",
                space=space,
                routes=(route,),
                resolution=Resolution(relative=0.02, absolute=0.01),
                fine=fine,
            )
            for part, space, route, fine in (
                ("RF_traceless", TRACELESS, shares("traceless"), NEARLY_ALL),
                ("RF_cubic", CUBICS, shares("cubic"), None),
                (
                    "NT_cubic",
                    TANGENT,
                    replace(CUBIC, bounds=(0.0, 1.0), allowance=lambda values: SOLVED, examples=2),
                    None,
                ),
            )
        ),
        Means(
            part="cubic_features",
            name="exact mean",
            space=Space(
                draws={"d": Between(3, 6), "N": Between(2, 10), "model": OneOf(("features",))},
                anchors=({"d": 4, "N": 4, "model": "tangent"}, {"d": 6, "N": 40, "model": "features"}),
            ),
            routes=(CUBIC_SHARES,),
            resolution=Resolution(relative=0.05, absolute=0.01),
            fine=NEARLY_ALL_CUBIC,
        ),
        Effects(
            part="NT",
            # Six pairs in ten show it.
            seeds=telling(0.6),
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
        name: Expected(status="holds, within 10×", reason="Schur's lemma: features over dimensions", date="2026-11-28")
        for name in ("RF_traceless", "RF_cubic", "NT_cubic")
    }
    | {
        "cubic_features": Expected(status="confirmed", reason="Schur's lemma, and a trace", date="2026-11-29"),
        "RF": Expected(status="reproduced", reason="[15], with the trace direction of Theorem 1", date="2026-11-22"),
        "NT": Expected(status="reproduced", reason="N d features against d³/6 cubic directions", date="2026-11-22"),
    },
)
