"""Confronts Eq. (6): trained networks against the tangent model's mean risk, and the flat target where there is no
gap."""

from lazy_assay.checks import (
    Between,
    Check,
    Expected,
    Fine,
    Means,
    Members,
    OneOf,
    Pointwise,
    Ratio,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.ghorbani2019._allowances import SOLVED, gram_rounding
from lazy_assay.checks.ghorbani2019.theorem3 import NO_TIME, after_descent, descent
from lazy_assay.sims.quadratic import network, neural_tangent
from lazy_assay.theory.ghorbani2019.eq6 import CLAIM

CHECK = Check(
    claim=CLAIM,
    uncontrolled={"eigengap": NO_TIME},
    procedures=(
        Means(
            part="ordering",
            name="upper bound",
            space=Space(
                draws={"d": Between(3, 6), "N": Between(1, 2), "B": Members(("geometric",))},
                # With more neurons than dimensions nothing is left of either.
                anchors=(
                    {"d": 6, "N": 2, "B": "geometric:0.7"},
                    {"d": 4, "N": 1, "B": "nearly flat:0.01"},
                    {"d": 2, "N": 3, "B": "nearly flat:0.01"},
                ),
            ),
            routes=(
                Route(
                    name="population gradient descent",
                    simulate=network.gradient_descent_risk,
                    settings=descent,
                    allowance=after_descent,
                    trials=lambda values: 512,
                ),
            ),
            resolution=Resolution(relative=0.003, absolute=0.0005),
        ),
        Means(
            part="gap",
            space=Space(
                draws={
                    "d": Between(4, 24),
                    "N": Ratio("d", (0.25, 0.5, 0.75)),
                    "B": Members(("exponential", "uniform", "rotated", "geometric")),
                },
                anchors=(
                    *({"d": 24, "N": N, "B": "exponential:1"} for N in (6, 12, 18)),
                    {"d": 16, "N": 8, "B": "rotated:2"},
                ),
                degenerate={
                    "B ∝ I (no gap)": {"d": 12, "N": 4, "B": "identity"},
                    "more neurons than dimensions (no gap)": {"d": 12, "N": 18, "B": "exponential:1"},
                },
            ),
            routes=(
                Route(
                    name="projection against singular values",
                    simulate=neural_tangent.gap_to_best_network,
                    bounds=(0.0, 1.0),
                    allowance=lambda values: SOLVED,
                    trials=lambda values: 512,
                ),
            ),
            resolution=Resolution(relative=0.01, per={"d": 0.06}),
            fine=Fine(
                anchors=({"d": 24, "N": 6, "B": "exponential:1"},), resolution=Resolution(relative=0.009), copies=2
            ),
        ),
        Pointwise(
            part="no_gap_when_flat",
            space=Space(
                draws={
                    "d": Between(2, 8),
                    "N": Ratio("d", (0.25, 0.5, 0.75)),
                    "W": OneOf(tuple(f"gaussian:{seed}" for seed in range(100))),
                },
                anchors=({"d": 6, "N": 3, "W": "gaussian:1"},),
            ),
            route=Route(name="least squares over the tangent space", simulate=neural_tangent.flat_gap_at),
            rounding=lambda values: gram_rounding(values["W"]),
            source="64·N·d machine epsilons times the Gram matrix's condition number, cond(W)² on its range",
        ),
    ),
    expected={
        "ordering": Expected(
            status="holds, sharp", reason="interlacing; nearly equal for a nearly flat B", date="2026-11-22"
        ),
        "gap": Expected(status="confirmed", reason="Theorem 2's exact mean less Theorem 3", date="2026-11-28"),
        "no_gap_when_flat": Expected(status="confirmed", reason="the erratum's counterexample", date="2026-11-22"),
    },
)
