"""Confronts Eq. (17), first line: simulation tells the printed ρ/(1+2ρ) from the derived ρ/(1+ρ)."""

from collections.abc import Mapping

from checks._check import Check, Expected, Resolution
from checks._procedures.means import Means
from checks._space import Between, OneOf, Ratio, Space, Spectra
from checks.ghorbani2019 import theorem4
from theory.ghorbani2019.eq17 import CLAIM

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
                    "Delta": Spectra(("levels",)),
                    **{name: OneOf((value,)) for name, value in FIXED.items()},
                },
                anchors=tuple({"d": 48, "N": N, "Delta": "levels:5", **FIXED} for N in (24, 48, 96)),
            ),
            routes=(theorem4.ORACLE,),
            resolution=Resolution(relative=0.002, per_dimension=0.06),
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
        "NN": Expected(status="confirmed", reason="Theorem 6 at Σ = I", date="2026-11-22"),
    },
)
