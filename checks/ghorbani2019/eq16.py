"""Confronts Eq. (16) by simulation at growing ρ, against the finite-size prediction that tends to it."""

from dataclasses import replace

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Control,
    Expected,
    Fine,
    Means,
    Members,
    OneOf,
    Ratio,
    Resolution,
    Space,
)
from lazy_assay.checks.ghorbani2019 import theorem4
from lazy_assay.checks.ghorbani2019._controls import NO_LAW
from lazy_assay.theory.ghorbani2019.eq16 import CLAIM

SPACE = Space(
    draws={
        **theorem4.SPACE.draws,
        "d": Between(25, 32),
        # N ≤ k²/2 for every spectrum of these.
        "N": Ratio("d", (1.5, 2.0)),
        "activation": OneOf(("quadratic", "abs")),
    },
    anchors=tuple(
        {"d": 32, "N": N, "Sigma": "unit", "Delta": "levels:1", "Gamma": "isotropic", "activation": "quadratic"}
        for N in (32, 64, 128)
    ),
)
SAMPLED = Space(
    draws={
        **SPACE.draws,
        "d": OneOf((25,)),
        "N": Ratio("d", (1.0,)),
        "Sigma": Members(("unit",)),
        "activation": OneOf(("quadratic",)),
    },
    anchors=(
        {"d": 25, "N": 25, "Sigma": "unit", "Delta": "levels:1", "Gamma": "isotropic", "activation": "quadratic"},
    ),
)
BROKEN: Configuration = {"d": 25, "N": 125, "Gamma": "isotropic", "activation": "quadratic"}
CHECK = Check(
    claim=CLAIM,
    uncontrolled={"mg": NO_LAW},
    procedures=(
        Means(
            part="growing_rho",
            name="growing rho",
            space=SPACE,
            routes=(theorem4.ORACLE, replace(theorem4.NORMAL_EQUATIONS, space=SAMPLED)),
            resolution=Resolution(relative=0.004, per={"d": 0.1}),
            fine=Fine(anchors=SPACE.anchors[:1], resolution=Resolution(relative=0.004)),
            controls=(
                Control(assumption="M1", configuration={**BROKEN, "Sigma": "steep", "Delta": "levels:1"}),
                Control(assumption="M2", configuration={**BROKEN, "Sigma": "unit", "Delta": "strong levels:1"}),
                # ‖d·Γ‖ > 8 takes this size, where the finite-size prediction is to hold.
                Control(
                    assumption="B2",
                    configuration={
                        **BROKEN,
                        "d": 36,
                        "N": 216,
                        "Sigma": "unit",
                        "Delta": "levels:1",
                        "Gamma": "spiked:0.3",
                    },
                ),
            ),
        ),
    ),
    expected={
        "wide": Expected(status="confirmed", reason="Eq. (15) as ψ → ∞", date="2026-11-22"),
        "growing_rho": Expected(status="confirmed", reason="O(1/√d) along N = d^(3/2)", date="2026-11-22"),
    },
)
