"""Confronts Theorem 2: the mean risk by two exact oracles and by samples, and the identity behind it draw by draw."""

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Expected,
    Means,
    Members,
    OneOf,
    Pointwise,
    Ratio,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.ghorbani2019._allowances import (
    SOLVED,
    fit_from_samples,
    gram_rounding,
    samples_for,
    tangent_dimension,
)
from lazy_assay.sims.quadratic import neural_tangent
from lazy_assay.theory.ghorbani2019.theorem2 import CLAIM

SPREAD: Configuration = {"d": 32, "B": "exponential:3"}
FAMILIES = Members(("exponential", "signed", "rotated", "uniform", "traceless"))
SPACE = Space(
    draws={"d": Between(3, 32), "N": Ratio("d", (0.1, 0.25, 0.5, 0.75, 0.9)), "B": FAMILIES},
    anchors=(
        *({**SPREAD, "N": N} for N in (4, 8, 16, 24)),
        {"d": 6, "N": 2, "B": "exponential:1"},
        {"d": 8, "N": 4, "B": "signed:2"},
    ),
    degenerate={
        "as many neurons as dimensions (risk 0)": {"d": 8, "N": 8, "B": "exponential:1"},
        "more neurons than dimensions (risk 0)": {"d": 8, "N": 12, "B": "exponential:1"},
        "B ∝ I (the decoys' worst case)": {"d": 12, "N": 4, "B": "identity"},
    },
)
# The Gram matrix of the tangent features has N·d rows, a fit from samples 64 times as many inputs.
SMALL = Space(
    draws={"d": Between(3, 8), "N": Ratio("d", (0.25, 0.5, 0.75)), "B": FAMILIES},
    anchors=({"d": 6, "N": 2, "B": "exponential:1"},),
)
TINY = Space(
    draws={"d": Between(3, 6), "N": Ratio("d", (0.25, 0.5)), "B": FAMILIES},
    anchors=({"d": 6, "N": 2, "B": "exponential:1"},),
)

PROJECTION = Route(
    name="exact oracle",
    simulate=neural_tangent.projection_risk,
    bounds=(0.0, 1.0),
    allowance=lambda values: SOLVED,
    trials=lambda values: 512,
)
TANGENT_SPACE = Route(
    name="least squares over the tangent space",
    simulate=neural_tangent.tangent_space_risk,
    bounds=(0.0, 1.0),
    allowance=lambda values: SOLVED,
    space=SMALL,
)
NORMAL_EQUATIONS = Route(
    name="normal equations",
    simulate=neural_tangent.least_squares_risk,
    settings=lambda values: {"samples": samples_for(tangent_dimension(values["d"], values["N"]))},
    allowance=lambda values: fit_from_samples(tangent_dimension(values["d"], values["N"])),
    space=TINY,
    examples=2,
)
SGD = Route(
    name="tangent model by SGD",
    simulate=neural_tangent.sgd_risk,
    # Features 2⟨w,x⟩x have second moments of order 4 to 12: 500 steps at ε = 0.004 contract by e⁻¹⁶.
    settings=lambda values: {"batch": 50, "steps": 500, "step_size": 0.004},
    trials=lambda values: 512,
    space=Space(
        draws={"d": OneOf((5, 6)), "N": OneOf((1,)), "B": Members(("uniform",))},
        anchors=({"d": 6, "N": 1, "B": "uniform:1"},),
    ),
    examples=0,
    twin=neural_tangent.projection_risk,
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="limit",
            space=SPACE,
            routes=(PROJECTION, TANGENT_SPACE, NORMAL_EQUATIONS, SGD),
            resolution=Resolution(relative=0.002, per={"d": 0.06}),
        ),
        Pointwise(
            part="every_weight",
            space=Space(
                draws={
                    "d": Between(2, 8),
                    "N": Ratio("d", (0.2, 0.5, 0.8, 1.2)),
                    "B": Members(("exponential", "signed", "rotated")),
                    "W": OneOf(tuple(f"gaussian:{seed}" for seed in range(100))),
                },
                anchors=({"d": 5, "N": 2, "B": "signed:1", "W": "gaussian:0"},),
                degenerate={"two equal neurons": {"d": 5, "N": 2, "B": "exponential:1", "W": "repeated:0"}},
            ),
            route=Route(name="least squares over the tangent space", simulate=neural_tangent.tangent_space_risk_at),
            rounding=lambda values: gram_rounding(values["W"]),
            source="64·N·d machine epsilons times the Gram matrix's condition number, cond(W)² on its range",
        ),
        Means(
            part="cauchy_schwarz",
            name="upper bound",
            space=Space(
                draws=SPACE.draws,
                anchors=({"d": 12, "N": 4, "B": "identity"}, {"d": 24, "N": 6, "B": "uniform:1"}),
                degenerate={"more neurons than dimensions (no risk)": {"d": 12, "N": 18, "B": "uniform:1"}},
            ),
            routes=(PROJECTION,),
            resolution=Resolution(relative=0.002, per={"d": 0.06}),
        ),
    ),
    expected={
        "limit": Expected(status="confirmed", reason="the mean is exact at every size", date="2026-11-22"),
        "every_weight": Expected(status="confirmed", reason="linear algebra in Gaussian moments", date="2026-11-22"),
        "cauchy_schwarz": Expected(status="holds, sharp", reason="equality at B ∝ I", date="2026-11-22"),
    },
)
