"""Confronts Eq. (11) by simulation at growing ρ, against the finite-size prediction that tends to it."""

from dataclasses import replace

from lazy_assay.checks import Between, Check, Control, Expected, Means, Members, OneOf, Ratio, Resolution, Space
from lazy_assay.checks.ghorbani2019 import theorem1
from lazy_assay.theory.ghorbani2019.eq11 import CLAIM

SPACE = Space(
    draws={
        "d": Between(16, 32),
        "N": Ratio("d", (3.0, 4.0, 5.0)),
        "B": Members(("exponential", "uniform")),
        "Gamma": Members(("isotropic", "linear")),
        "activation": OneOf(("quadratic", "relu", "abs")),
    },
    anchors=tuple(
        {"d": 32, "N": N, "B": "exponential:1", "Gamma": "isotropic", "activation": "quadratic"}
        for N in (32, 64, 128, 192)
    ),
)
# A fit takes 64 samples a neuron: the smallest sizes are what it can afford.
SAMPLED = Space(
    draws={**SPACE.draws, "d": OneOf((25,)), "N": Ratio("d", (1.0,)), "activation": OneOf(("quadratic", "abs"))},
    anchors=({"d": 25, "N": 25, "B": "exponential:1", "Gamma": "isotropic", "activation": "quadratic"},),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="growing_rho",
            name="growing rho",
            space=SPACE,
            routes=(theorem1.ORACLE, replace(theorem1.NORMAL_EQUATIONS, space=SAMPLED)),
            resolution=Resolution(relative=0.004, per={"d": 0.1}),
            controls=(
                Control(
                    assumption="A2",
                    configuration={
                        "d": 40,
                        "N": 253,
                        "B": "exponential:1",
                        "Gamma": "spiked:0.3",
                        "activation": "quadratic",
                    },
                ),
            ),
        ),
    ),
    expected={
        "wide": Expected(status="confirmed", reason="Eq. (10) as ψ → ∞", date="2026-11-22"),
        "growing_rho": Expected(status="confirmed", reason="O(1/√d) along N = d^(3/2)", date="2026-11-22"),
    },
)
