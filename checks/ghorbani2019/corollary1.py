"""Confronts Corollary 1 with simulation at isotropic and at optimal covariance of the weights."""

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Control,
    Expected,
    Fine,
    Means,
    Members,
    Ratio,
    Resolution,
    Space,
)
from lazy_assay.checks.ghorbani2019 import theorem1
from lazy_assay.checks.ghorbani2019._spreads import spread
from lazy_assay.theory.ghorbani2019.corollary1 import CLAIM

SPACE = Space(
    draws={
        "d": Between(4, 48),
        "N": Ratio("d", (0.25, 0.5, 1.0, 2.0)),
        "B": Members(("exponential", "uniform")),
        "Gamma": Members(("isotropic", "linear")),
    },
    anchors=(
        *({"d": 48, "N": N, "B": "exponential:1", "Gamma": "isotropic"} for N in (12, 24, 48, 96)),
        # Γ ∝ B, the optimal features; the calibration holds for ‖d·Γ‖ of order one, so B is uniform on [½, 3/2] here.
        {"d": 48, "N": 24, "B": "uniform:4", "Gamma": "aligned"},
        {"d": 64, "N": 16, "B": "exponential:2", "Gamma": "isotropic"},
        {"d": 6, "N": 2, "B": "identity", "Gamma": "isotropic"},
        {"d": 8, "N": 2, "B": "identity", "Gamma": "isotropic"},
        {"d": 8, "N": 8, "B": "identity", "Gamma": "isotropic"},
    ),
)
SAMPLED = Space(
    draws={**SPACE.draws, "d": Between(4, 30), "N": Ratio("d", (0.25, 0.4))},
    anchors=({"d": 32, "N": 8, "B": "exponential:2", "Gamma": "isotropic"},),
)
SPREADS = Space(
    draws={
        "d": Between(40, 64),
        "N": Ratio("d", (0.25, 0.5)),
        "B": Members(("uniform",)),
        "Gamma": Members(("isotropic", "linear")),
    },
    anchors=(
        *({"d": d, "N": d // 2, "B": "exponential:1", "Gamma": "isotropic"} for d in (32, 64)),
        {"d": 64, "N": 64, "B": "uniform:1", "Gamma": "isotropic"},
        {"d": 64, "N": 32, "B": "exponential:1", "Gamma": "linear"},
    ),
)
# Flat weights, for which the prediction is known to O(1/n²). At N = n/4 each term is a fiftieth of the variance or more
# for a tenth of itself, and where the weights see half of the directions all letters differ.
HALF: Configuration = {"B": "halves:0.5", "Gamma": "half"}
SPREAD_FIFTIETH = Fine(
    anchors=({"d": 96, "N": 12, **HALF},),
    resolution=Resolution(relative=0.03),
    copies=8,
    further=(
        {"d": 98, "N": 12, **HALF},
        {"d": 96, "N": 24, **HALF},
        {"d": 48, "N": 12, "B": "identity", "Gamma": "isotropic"},
    ),
    dear=(Resolution(relative=0.012), 32),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="limit",
            space=SPACE,
            routes=(theorem1.quadratic(theorem1.ORACLE), theorem1.quadratic(theorem1.NORMAL_EQUATIONS, SAMPLED)),
            resolution=Resolution(relative=0.002, per={"d": 0.06}),
            controls=(
                Control(assumption="A2", configuration={"d": 40, "N": 40, "B": "exponential:1", "Gamma": "spiked:0.3"}),
            ),
        ),
        spread(
            CLAIM.part("concentration"),
            theorem1.quadratic(theorem1.ORACLE),
            SPREADS,
            power=2,
            fine=SPREAD_FIFTIETH,
        ),
    ),
    expected={
        "limit": Expected(status="confirmed", reason="Theorem 1 at σ(x) = x² − 1", date="2026-11-22"),
        "concentration": Expected(
            status="confirmed", reason="linear and quadratic sums over neurons and pairs", date="2026-11-28"
        ),
        "substitution": Expected(status="confirmed", reason="λ₁ = 0, λ₂ = λ̃ = 2", date="2026-11-22"),
    },
)
