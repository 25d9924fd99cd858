"""Confronts the best covariance: no drawn covariance does better, and the water-filled one reaches the bound."""

from lazy_assay.checks import Between, Check, Configuration, Expected, Means, Members, OneOf, Ratio, Resolution, Space
from lazy_assay.checks.ghorbani2019 import theorem1
from lazy_assay.theory.ghorbani2019.optimal_features import CLAIM

# `above:a` is (B − a·Tr(B)/d)₊ over its trace. For B ⪰ cI the best level is a = 1/(1+ρ); the others are perturbations.
LEVELS = tuple(f"above:{level:g}" for level in (0.1, 0.2, 0.35, 0.5, 0.65))
FOUR: Configuration = {"d": 25, "N": 100, "B": "uniform:1"}
ONE: Configuration = {"d": 40, "N": 40, "B": "uniform:1"}
SPACE = Space(
    draws={
        "d": Between(25, 40),
        "N": Ratio("d", (0.5, 1.0, 2.0, 4.0)),
        "B": Members(("uniform",)),
        "Gamma": OneOf(("isotropic", "linear", "power:0.5", "aligned", *LEVELS)),
    },
    anchors=(
        *({**FOUR, "Gamma": name} for name in ("above:0.2", "aligned", "isotropic", "above:0.35")),
        *({**ONE, "Gamma": name} for name in ("above:0.5", "above:0.35", "above:0.65", "aligned")),
        {"d": 96, "N": 96, "B": "uniform:1", "Gamma": "above:0.5"},
        # Here the level, 2/3 of the mean, lies above the smallest eigenvalues: they get no weight.
        {"d": 40, "N": 20, "B": "uniform:1", "Gamma": "above:0.6667"},
        # Both signs: −B would see less, and eigenvalues below the level get none.
        {"d": 40, "N": 40, "B": "signed:1", "Gamma": "linear"},
        {"d": 40, "N": 40, "B": "signed:1", "Gamma": "isotropic"},
        # Few directions of many: with few neurons dc²/‖B‖² is above 1, with more of them the share that is seen is
        # the larger. Both are at their own level.
        {"d": 120, "N": 6, "B": "geometric:0.96", "Gamma": "above:2.6363"},
        {"d": 120, "N": 54, "B": "geometric:0.9", "Gamma": "above:1.4249"},
    ),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            name="lower bound",
            space=SPACE,
            routes=(theorem1.quadratic(theorem1.ORACLE),),
            resolution=Resolution(relative=0.004, per={"d": 0.1}),
        ),
    ),
    expected={
        "": Expected(status="holds, sharp", reason="equality at Γ ∝ (B − cI)₊", date="2026-11-28"),
        "large_ratio": Expected(status="confirmed", reason="Eq. (12) at B/Tr B", date="2026-11-28"),
    },
)
