"""Confronts the optimality of Γ* ∝ B at many neurons per dimension: no drawn covariance does better."""

from dataclasses import replace

from lazy_assay.checks import Between, Check, Expected, Means, Ratio, Resolution, Space, Spectra, Tolerance, Values
from lazy_assay.checks.ghorbani2019 import theorem1
from lazy_assay.checks.ghorbani2019._allowances import both, random_features_prediction
from lazy_assay.theory.ghorbani2019.optimal_features import CLAIM, shortfall


def allowance(values: Values) -> Tolerance:
    """The prediction's own allowance, and what Γ* misses of the least possible risk at this ρ."""
    missed = Tolerance(
        finite_size=shortfall(values["d"], values["N"], values["B"]),
        sources={
            "finite_size": "calibrated, plus the exact shortfall of Γ* at finite ρ (one-dimensional minimum), computed"
        },
    )
    return both(random_features_prediction(values), missed)


SPACE = Space(
    draws={
        "d": Between(25, 30),
        "N": Ratio("d", (4.0, 5.0)),
        "B": Spectra(("uniform",)),
        "Gamma": Spectra(("isotropic", "linear", "power", "aligned")),
    },
    anchors=(
        {"d": 25, "N": 100, "B": "uniform:1", "Gamma": "aligned"},
        {"d": 25, "N": 100, "B": "uniform:1", "Gamma": "isotropic"},
        {"d": 25, "N": 100, "B": "uniform:1", "Gamma": "linear"},
    ),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            name="lower bound",
            space=SPACE,
            routes=(theorem1.quadratic(replace(theorem1.ORACLE, allowance=allowance)),),
            resolution=Resolution(relative=0.004, per_dimension=0.1),
        ),
    ),
    expected={"": Expected(status="holds, sharp", reason="equality at Γ ∝ B", date="2026-11-22")},
)
