"""Confronts Theorem 5: the tangent model on the mixture, in the mean and given its weights."""

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
    Pointwise,
    Ratio,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.ghorbani2019._allowances import (
    SOLVED,
    both,
    class_gram_rounding,
    fit_from_samples,
    samples_for,
    tangent_dimension,
    tangent_mixture_prediction,
)
from lazy_assay.checks.ghorbani2019._controls import NO_LAW
from lazy_assay.checks.ghorbani2019._spreads import spread
from lazy_assay.sims.mixtures import neural_tangent
from lazy_assay.theory.ghorbani2019._mixture import CLASSES
from lazy_assay.theory.ghorbani2019.theorem5 import CLAIM

UNIT: Configuration = {"Sigma": "unit"}
DELTAS = Members(("levels", "signed levels", "rotated levels"))
SPACE = Space(
    draws={"d": Between(5, 32), "N": Ratio("d", (0.25, 0.5, 0.75, 0.9)), "Sigma": OneOf(("unit",)), "Delta": DELTAS},
    anchors=(
        *({"d": 24, "N": N, **UNIT, "Delta": "levels:3"} for N in (4, 8, 12, 18)),
        {"d": 16, "N": 14, **UNIT, "Delta": "levels:1"},
        {"d": 16, "N": 8, **UNIT, "Delta": "signed levels:2"},
        {"d": 2, "N": 1, **UNIT, "Delta": "half levels:2"},
        {"d": 3, "N": 2, **UNIT, "Delta": "half levels:1"},
    ),
    degenerate={
        "as many neurons as dimensions (no W left)": {"d": 16, "N": 16, **UNIT, "Delta": "levels:1"},
        "more neurons than dimensions": {"d": 12, "N": 18, **UNIT, "Delta": "levels:1"},
    },
)
SMALL = Space(
    draws={"d": OneOf((16,)), "N": OneOf((2, 3)), "Sigma": OneOf(("unit",)), "Delta": DELTAS},
    anchors=({"d": 16, "N": 3, **UNIT, "Delta": "levels:5"},),
)
ONE_NEURON = Space(
    draws={**SMALL.draws, "N": OneOf((1,)), "Delta": Members(("levels", "signed levels"))},
    anchors=({"d": 16, "N": 1, **UNIT, "Delta": "levels:5"},),
)
FAST = Route(
    name="exact oracle",
    simulate=neural_tangent.population_risk,
    parameters=CLASSES,
    bounds=(0.0, 1.0),
    allowance=lambda values: both(SOLVED, tangent_mixture_prediction(values)),
)
TANGENT_SPACE = Route(
    name="least squares over the tangent space",
    simulate=neural_tangent.tangent_space_risk,
    parameters=CLASSES,
    bounds=(0.0, 1.0),
    allowance=lambda values: both(SOLVED, tangent_mixture_prediction(values)),
    space=SMALL,
)
NORMAL_EQUATIONS = Route(
    name="normal equations",
    simulate=neural_tangent.least_squares_risk,
    parameters=CLASSES,
    settings=lambda values: {"samples": samples_for(tangent_dimension(values["d"], values["N"]))},
    allowance=lambda values: both(
        tangent_mixture_prediction(values), fit_from_samples(tangent_dimension(values["d"], values["N"]))
    ),
    space=ONE_NEURON,
    examples=2,
)
SGD = Route(
    name="tangent model by SGD",
    simulate=neural_tangent.sgd_risk,
    parameters=CLASSES,
    # Features 2⟨w,x⟩x have second moments of order 4 to 12: 700 steps at ε = 0.002 contract by e⁻¹¹.
    settings=lambda values: {"batch": 20, "steps": 700, "step_size": 0.002},
    allowance=tangent_mixture_prediction,
    trials=lambda values: 512,
    space=ONE_NEURON,
    examples=0,
    twin=neural_tangent.population_risk,
)
SPREADS = Space(
    draws={**SPACE.draws, "d": Between(24, 40), "N": Ratio("d", (0.25, 0.5, 0.75))},
    anchors=({"d": 24, "N": 6, **UNIT, "Delta": "levels:3"},),
    further=({"d": 48, "N": 12, **UNIT, "Delta": "levels:3"},),
    degenerate={"more neurons than dimensions (no W left)": {"d": 16, "N": 24, **UNIT, "Delta": "levels:3"}},
)
# Block variances scatter by half of themselves: four of them, of eight draws of a tenth of a millisecond, by a quarter.
# Between them each term is most of the variance: of mostly positive levels at N = d/2, pairs of directions are all.
PAIRS: Configuration = {**UNIT, "Delta": "mostly positive levels:2"}
SPREAD_TENTH = Fine(
    anchors=({"d": 30, "N": 15, **PAIRS}, {"d": 32, "N": 8, **UNIT, "Delta": "levels:3"}),
    further=({"d": 40, "N": 10, **PAIRS}, {"d": 32, "N": 24, **UNIT, "Delta": "levels:3"}),
    resolution=Resolution(relative=0.045),
    copies=4,
)
CHECK = Check(
    claim=CLAIM,
    uncontrolled={"mg": NO_LAW},
    procedures=(
        Means(
            part="limit",
            space=SPACE,
            routes=(FAST, TANGENT_SPACE, NORMAL_EQUATIONS, SGD),
            resolution=Resolution(relative=0.002, per={"d": 0.04}),
            controls=(
                Control(assumption="M2", configuration={"d": 24, "N": 12, "Sigma": "unit", "Delta": "strong levels:1"}),
            ),
        ),
        spread(CLAIM.part("concentration"), FAST, SPREADS, power=2, fine=SPREAD_TENTH),
        Pointwise(
            part="given_weights",
            space=Space(
                draws={
                    "d": Between(4, 8),
                    "N": Ratio("d", (0.25, 0.5, 0.75, 1.25)),
                    "Sigma": Members(("unit", "spread", "rotated spread")),
                    "Delta": Members(("half levels",)),
                    "W": OneOf(tuple(f"gaussian:{seed}" for seed in range(100))),
                },
                anchors=({"d": 6, "N": 3, "Sigma": "spread", "Delta": "half levels:1", "W": "gaussian:0"},),
                degenerate={
                    "more neurons than dimensions": {
                        "d": 4,
                        "N": 6,
                        "Sigma": "unit",
                        "Delta": "half levels:1",
                        "W": "gaussian:1",
                    }
                },
            ),
            route=Route(name="least squares given W", simulate=neural_tangent.tangent_space_risk_at),
            rounding=class_gram_rounding,
            source="64·N·d machine epsilons times cond(W)² and cond(Σ ± Δ)²: the Gram matrix of the features",
            controls=(
                Control(
                    assumption="M1",
                    configuration={"d": 6, "N": 3, "Sigma": "steep", "Delta": "half levels:1", "W": "gaussian:0"},
                ),
            ),
        ),
    ),
    expected={
        "limit": Expected(status="confirmed", reason="Haar moments and free probability", date="2026-11-22"),
        "concentration": Expected(status="confirmed", reason="Haar moments of a random projection", date="2026-11-28"),
        "given_weights": Expected(
            status="confirmed", reason="exact at finite d, o(1) dropped by M2", date="2026-11-22"
        ),
    },
)
