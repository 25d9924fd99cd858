"""Confronts Eq. (17), first line: simulation tells the printed ρ/(1+2ρ) from the derived ρ/(1+ρ). And the tangent model
against the best network where Δ has both signs."""

from collections.abc import Mapping
from dataclasses import replace

from lazy_assay.checks import Between, Check, Control, Expected, Means, Members, OneOf, Ratio, Resolution, Space
from lazy_assay.checks.ghorbani2019 import theorem4, theorem5
from lazy_assay.checks.ghorbani2019._allowances import SOLVED
from lazy_assay.theory.ghorbani2019.eq17 import CLAIM

FIXED: Mapping[str, str] = {"Sigma": "unit", "Gamma": "isotropic", "activation": "quadratic"}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="RF",
            space=Space(
                draws={
                    "d": Between(8, 48),
                    "N": Ratio("d", (0.5, 1.0, 2.0)),
                    "Delta": Members(("levels",)),
                    **{name: OneOf((value,)) for name, value in FIXED.items()},
                },
                anchors=tuple({"d": 48, "N": N, "Delta": "levels:5", **FIXED} for N in (24, 48, 96)),
            ),
            routes=(theorem4.ORACLE,),
            resolution=Resolution(relative=0.002, per={"d": 0.06}),
        ),
        Means(
            part="both_signs",
            name="upper bound",
            space=Space(
                draws={
                    "d": OneOf((16, 24, 32, 40)),
                    "N": Ratio("d", (0.25, 0.5, 0.75)),
                    "Sigma": OneOf(("unit",)),
                    "Delta": OneOf(tuple(f"balanced levels:{s:g}" for s in (1, 1.5, 2))),
                },
                # With nearly as many neurons as dimensions both see nearly all of Δ.
                anchors=(
                    {"d": 40, "N": 10, "Sigma": "unit", "Delta": "balanced levels:1.5"},
                    {"d": 40, "N": 38, "Sigma": "unit", "Delta": "balanced levels:2"},
                ),
            ),
            routes=(replace(theorem5.FAST, allowance=lambda values: SOLVED),),
            resolution=Resolution(relative=0.002, per={"d": 0.06}),
            controls=(
                Control(
                    assumption="balanced signs", configuration={"d": 40, "N": 10, "Sigma": "unit", "Delta": "levels:1"}
                ),
                Control(
                    assumption="N < d",
                    configuration={"d": 24, "N": 24, "Sigma": "unit", "Delta": "balanced levels:1.5"},
                ),
            ),
        ),
    ),
    expected={
        "RF": Expected(
            status="confirmed",
            reason="Theorem 4; the printed 1 + 2ρ is an erratum",
            date="2026-11-22",
            as_printed="refuted",
        ),
        "NT": Expected(status="confirmed", reason="Theorem 5, halved", date="2026-11-22"),
        "both_signs": Expected(status="holds, within 10×", reason="κ = 2ρ − ρ² > ρ at t = 0", date="2026-11-28"),
        "NN": Expected(status="confirmed", reason="Theorem 6 at Σ = I", date="2026-11-22"),
    },
)
