"""Confronts Theorem 1: the mean risk over W by the exact oracle and from samples, against the finite-size
prediction."""

from dataclasses import replace

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Control,
    Expected,
    Means,
    Members,
    OneOf,
    Ratio,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.ghorbani2019._allowances import both, fit_from_samples, random_features_prediction, samples_for
from lazy_assay.checks.ghorbani2019._spreads import extrapolated, large, spread
from lazy_assay.sims.quadratic import random_features
from lazy_assay.theory.ghorbani2019.theorem1 import CLAIM

# lambda_2 = 0 makes the theorem empty (the risk is 1 for every W): odd activations are the degenerate case.
ACTIVATIONS = OneOf(("quadratic", "relu", "abs", "hermite2_3", "softplus"))
CURVE: Configuration = {"d": 40, "B": "exponential:1", "Gamma": "linear", "activation": "relu"}
SPACE = Space(
    draws={
        # From the smallest size of the prediction's range on; smaller linear spectra are out of it, and said to be.
        "d": Between(4, 48),
        "N": Ratio("d", (0.25, 0.4, 0.6, 1.0, 1.5, 2.0)),
        "B": Members(("exponential", "uniform", "rotated", "signed")),
        "Gamma": Members(("isotropic", "linear")),
        "activation": ACTIVATIONS,
    },
    anchors=(
        *({**CURVE, "N": N} for N in (10, 20, 40, 80)),
        {"d": 64, "N": 16, "B": "exponential:2", "Gamma": "isotropic", "activation": "quadratic"},
        {"d": 64, "N": 32, "B": "exponential:2", "Gamma": "linear", "activation": "quadratic"},
        {"d": 64, "N": 32, "B": "uniform:3", "Gamma": "isotropic", "activation": "hermite2_3"},
        {"d": 6, "N": 2, "B": "identity", "Gamma": "isotropic", "activation": "quadratic"},
        {"d": 4, "N": 2, "B": "exponential:1", "Gamma": "isotropic", "activation": "abs"},
        {"d": 8, "N": 8, "B": "exponential:1", "Gamma": "linear", "activation": "relu"},
    ),
    degenerate={
        "odd activation (λ₂ = 0)": {"d": 25, "N": 20, "B": "exponential:1", "Gamma": "isotropic", "activation": "erf"},
        "Tr(B) = 0": {"d": 32, "N": 32, "B": "traceless:1", "Gamma": "isotropic", "activation": "relu"},
    },
)
SAMPLED = Space(
    draws={**SPACE.draws, "d": Between(4, 30), "N": Ratio("d", (0.25, 0.4))},
    anchors=({"d": 32, "N": 8, "B": "exponential:2", "Gamma": "linear", "activation": "relu"},),
)
ORACLE = Route(
    name="exact oracle",
    simulate=random_features.population_risk,
    bounds=(0.0, 1.0),
    allowance=random_features_prediction,
)
NORMAL_EQUATIONS = Route(
    name="normal equations",
    simulate=random_features.least_squares_risk,
    settings=lambda values: {"samples": samples_for(values["N"])},
    allowance=lambda values: both(random_features_prediction(values), fit_from_samples(values["N"])),
    space=SAMPLED,
    examples=2,
)


TRAINED = Space(
    draws={
        "d": OneOf((25, 26, 27)),
        "N": OneOf((4, 5)),
        "B": Members(("uniform",)),
        "Gamma": Members(("isotropic",)),
        "activation": OneOf(("quadratic",)),
    },
    anchors=({"d": 26, "N": 4, "B": "uniform:1", "Gamma": "isotropic", "activation": "quadratic"},),
)
SGD = Route(
    name="second layer by SGD",
    simulate=random_features.sgd_risk,
    # K has eigenvalues near 2, and f* of unit B has variance 2d: the floor is kept low by the batch.
    settings=lambda values: {"batch": 50, "steps": 300, "step_size": 0.05 / values["N"]},
    allowance=random_features_prediction,
    trials=lambda values: 512,
    space=TRAINED,
    examples=0,
    twin=random_features.population_risk,
)


def quadratic(route: Route, space: Space | None = None) -> Route:
    """A route of this check at σ(x) = x² − 1, for statements that fix the activation."""
    settings = route.settings
    return replace(route, settings=lambda values: {**settings(values), "activation": "quadratic"}, space=space)


SPREADS = Space(
    draws={
        "d": Between(25, 40),
        "N": Ratio("d", (0.25, 0.5)),
        "B": Members(("uniform",)),
        "Gamma": Members(("isotropic", "linear")),
        "activation": OneOf(("relu", "abs", "hermite2_3")),
    },
    anchors=(
        *({"d": d, "N": d // 2, "B": "uniform:1", "Gamma": "linear", "activation": "relu"} for d in (32, 64)),
        {"d": 40, "N": 40, "B": "exponential:1", "Gamma": "isotropic", "activation": "relu"},
        *({"d": d, "N": d // 4, "B": "exponential:1", "Gamma": "isotropic", "activation": "abs"} for d in (32, 64)),
    ),
)
# Known to O(1/d²).
IDENTITY: Configuration = {"d": 48, "N": 12, "B": "identity", "Gamma": "isotropic", "activation": "quadratic"}
# Flat weights that see half of a target's directions: all letters of the limit differ, and at n = N none hides J.
FLAT: Configuration = {"B": "halves:0.5", "Gamma": "half", "activation": "relu"}
TWO_SIZES = tuple({"d": d, "N": d // 2, **FLAT} for d in (24, 34))
ANY_ACTIVATION = (
    "the named activations all have it: a linear one has λ̃ = 0, where the formula divides by zero, and one that grows "
    "like exp(u²/4) has features without a second moment"
)
CHECK = Check(
    claim=CLAIM,
    uncontrolled={"A1": ANY_ACTIVATION},
    procedures=(
        Means(
            space=SPACE,
            routes=(ORACLE, NORMAL_EQUATIONS, SGD),
            resolution=Resolution(relative=0.002, per={"d": 0.06}),
            controls=(
                Control(
                    assumption="A2",
                    configuration={"d": 40, "N": 40, "B": "exponential:1", "Gamma": "spiked:0.4", "activation": "relu"},
                ),
            ),
        ),
        spread(
            CLAIM.part("concentration"),
            ORACLE,
            SPREADS,
            power=1,
            relative=0.2,
            fine=large(IDENTITY, B="uniform:1", activation="relu"),
        ),
        extrapolated(CLAIM.part("concentration"), random_features.population_risk_and_doubled, TWO_SIZES, told=ORACLE),
    ),
    expected={
        "": Expected(status="confirmed", reason="deterministic equivalent, calibrated next order", date="2026-11-22"),
        "concentration": Expected(
            status="confirmed", reason="fluctuation of ψ (λ₁ ≠ 0), sums over neurons and pairs", date="2026-11-28"
        ),
    },
)
