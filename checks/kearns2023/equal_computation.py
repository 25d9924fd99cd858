"""Confronts section 5 and figures 4 to 6: weights counted, and movement by depth on the same points."""

from collections.abc import Mapping

from lazy_assay.checks import Check, Contrast, Effects, Expected, OneOf, Pointwise, Route, Scalar, Space
from lazy_assay.checks.kearns2023._networks import TENTH, contrast, few, log, networks
from lazy_assay.sims.movement import binary_classification
from lazy_assay.theory.kearns2023.equal_computation import CLAIM

# One layer; the paper's two and three; two and three of truly as many weights; two and three of as many neurons.
ALL = networks(
    (300,), (150, 15), (100, 10, 100), (130, 13), (150, 150), (100, 100, 100), target_losses=(0.5,)
)  # fmt: skip
ONE, TWO, THREE, TWO_WEIGHTS, TWO_NEURONS, THREE_NEURONS = range(6)
# At n = 300 = 30 d the paper's three layers have exactly as many weights as one.
THREE_WEIGHTS = THREE
FITTED = networks((300,), (150, 15), (100, 10, 100), target_losses=(0.1,))
WIDE = networks((1000,), (500, 50), (333, 33, 333), (500, 500), (333, 333, 333), target_losses=(0.5, 0.1))
WIDE_TWO, WIDE_THREE, WIDE_TWO_NEURONS, WIDE_THREE_NEURONS = 1, 2, 3, 4
LOW = 1  # the second of the target losses
Setting = Mapping[str, Scalar]


def counted(*parts: int) -> Route:
    """The weights of a network of the paper's sizes: these parts of n."""
    return Route(
        name="weights counted",
        simulate=binary_classification.hidden_weights_at,
        settings=lambda values: {"hidden": [values["n"] // part for part in parts]},
    )


def count(part: str, *parts: int) -> Pointwise:
    """n is a multiple of 60, so that every layer's size is whole."""
    return Pointwise(
        part=part,
        space=Space(
            draws={"d": OneOf((2, 5, 10, 30)), "n": OneOf((60, 120, 300, 600))},
            anchors=({"d": 10, "n": 600}, {"d": 10, "n": 6000}),
            degenerate={"where the counts agree": {"d": 10, "n": max(parts) * 10}},
        ),
        route=counted(*parts),
        rounding=lambda values: 64 * 2.0**-52 * values["n"] ** 2,
        source="64 machine epsilons of n², for the divisions in the formula; the count is exact",
    )


def two_more(where: str, setting: Setting, two: int, one: int, target: int = 0) -> Contrast:
    """What figure 4 shows."""
    return contrast(f"first layer of two moves more than that of one, {where}", setting,
                    log("movement_1", two, target), log("movement_1", one, target), TENTH)  # fmt: skip


def three_less(where: str, setting: Setting, two: int, three: int) -> Contrast:
    """What figure 6 shows."""
    return contrast(f"first layer of two moves more than that of three, {where}", setting,
                    log("movement_1", two), log("movement_1", three), TENTH)  # fmt: skip


MOVE = Expected(status="reproduced", reason="by movement; by linearisation error it is the opposite", date="2026-11-26")
THREE_LESS = Expected(status="reproduced", reason="at both losses and widths", date="2026-11-26")
CHECK = Check(
    claim=CLAIM,
    procedures=(
        count("two_layers_count", 2, 20),
        count("three_layers_count", 3, 30, 3),
        Effects(
            part="equal_neurons",
            seeds=few,
            contrasts=(
                contrast("one layer moves more than two, n = 300, loss 0.5", ALL,
                         log("movement_1", ONE), log("movement_1", TWO_NEURONS), TENTH),
                contrast("one layer moves more than three, n = 300, loss 0.5", ALL,
                         log("movement_1", ONE), log("movement_1", THREE_NEURONS), TENTH),
                contrast("but two are further from their tangent model than one, n = 300", ALL,
                         log("error", TWO_NEURONS), log("error", ONE), TENTH, control=True),
                contrast("and three further still, n = 300", ALL,
                         log("error", THREE_NEURONS), log("error", ONE), TENTH, control=True),
            ),
        ),
        Effects(
            part="equal_neurons_wide",
            seeds=few,
            decides="full",
            contrasts=(
                contrast("one layer moves more than two, n = 1000, loss 0.1", WIDE,
                         log("movement_1", 0, LOW), log("movement_1", WIDE_TWO_NEURONS, LOW), TENTH),
                contrast("one layer moves more than three, n = 1000, loss 0.1", WIDE,
                         log("movement_1", 0, LOW), log("movement_1", WIDE_THREE_NEURONS, LOW), TENTH),
                contrast("but three are further from their tangent model than one, n = 1000, loss 0.5", WIDE,
                         log("error", WIDE_THREE_NEURONS), log("error", 0), TENTH, control=True),
            ),
        ),
        Effects(
            part="two_layers",
            seeds=few,
            contrasts=(
                two_more("n = 300, loss 0.5", ALL, TWO, ONE),
                contrast("second layer of two moves more than the layer of one, n = 300, loss 0.5", ALL,
                         log("movement_2", TWO), log("movement_1", ONE), TENTH, control=True),
            ),
        ),
        Effects(
            part="two_layers_fitted",
            seeds=few,
            decides="full",
            contrasts=(
                two_more("n = 300, loss 0.1", FITTED, TWO, ONE),
                contrast("first layers of one and two move alike, n = 300, loss 0.1", FITTED,
                         log("movement_1", TWO), log("movement_1", ONE), TENTH, control=True, equality=True),
            ),
        ),
        Effects(
            part="two_layers_wide",
            seeds=few,
            decides="full",
            contrasts=(two_more("n = 1000, loss 0.5", WIDE, WIDE_TWO, 0),),
        ),
        Effects(
            part="two_layers_wide_fitted",
            seeds=few,
            decides="full",
            contrasts=(two_more("n = 1000, loss 0.1", WIDE, WIDE_TWO, 0, LOW),),
        ),
        Effects(
            part="three_layers",
            seeds=few,
            contrasts=(three_less("n = 300, loss 0.5", ALL, TWO, THREE),),
        ),
        Effects(
            part="three_layers_fitted",
            seeds=few,
            decides="full",
            contrasts=(three_less("n = 300, loss 0.1", FITTED, TWO, THREE),),
        ),
        Effects(
            part="three_layers_wide",
            seeds=few,
            decides="full",
            contrasts=(
                three_less("n = 1000, loss 0.5", WIDE, WIDE_TWO, WIDE_THREE),
                contrast("but three are further from their tangent model than one, n = 1000, loss 0.5", WIDE,
                         log("error", WIDE_THREE), log("error", 0), TENTH, control=True),
            ),
        ),
        Effects(
            part="equal_weights",
            seeds=few,
            contrasts=(
                contrast("first layer of (130, 13) moves more than that of (300), loss 0.5", ALL,
                         log("movement_1", TWO_WEIGHTS), log("movement_1", ONE), TENTH),
                contrast("first layer of (100, 10, 100) moves more than that of (300), loss 0.5", ALL,
                         log("movement_1", THREE_WEIGHTS), log("movement_1", ONE), TENTH),
                contrast("(130, 13) is further from its tangent model than (300)", ALL,
                         log("error", TWO_WEIGHTS), log("error", ONE), 0.05, control=True),
            ),
        ),
    ),
    expected={
        "two_layers_count": Expected(status="confirmed", reason="counted", date="2026-11-26", as_printed="refuted"),
        "three_layers_count": Expected(status="confirmed", reason="counted", date="2026-11-26", as_printed="refuted"),
        "equal_neurons": MOVE,
        "equal_neurons_wide": MOVE,
        "two_layers": Expected(status="reproduced", reason="at loss 0.5; not at 0.1", date="2026-11-26"),
        "two_layers_fitted": Expected(
            status="not reproduced", reason="they move alike, within a tenth", date="2026-11-26"
        ),
        "two_layers_wide": Expected(status="reproduced", reason="at loss 0.5; not at 0.1", date="2026-11-26"),
        "two_layers_wide_fitted": Expected(
            status="reverse", reason="one layer moves more, by more than a tenth", date="2026-11-26"
        ),
        "three_layers": THREE_LESS,
        "three_layers_fitted": THREE_LESS,
        "three_layers_wide": THREE_LESS,
        "equal_weights": Expected(status="reproduced", reason="at loss 0.5, n = 300", date="2026-11-26"),
    },
)  # fmt: skip
