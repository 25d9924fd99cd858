"""Confronts section VIII: residuals of trained ReLU networks draw by draw, and how often the bound fails."""

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Configuration,
    Control,
    Draw,
    Expected,
    Means,
    OneOf,
    Pointwise,
    Resolution,
    Route,
    Space,
    Values,
)
from lazy_assay.sims import fixed_output_layer
from lazy_assay.theory.fang2021.du2019 import CLAIM, least_eigenvalue, limiting_gram

SHAPE: dict[str, Draw] = {"n": OneOf((6,)), "d": OneOf((8,))}
DATA: dict[str, Draw] = {
    "points": OneOf(tuple(f"sphere:{seed}" for seed in range(1, 9))),
    "labels": OneOf(("gaussian:1", "signs:2")),
}
ANCHOR: Configuration = {"n": 6, "d": 8, "points": "sphere:1", "labels": "gaussian:1"}
STEPS = 30


def step_size(values: Values) -> float:
    """Of order λ_0/n² as stated, or half of what the limiting Gram matrix lets be stable, 1/λ_max."""
    if values.get("pace") == "stated":
        return least_eigenvalue(values["points"]) / len(values["points"]) ** 2
    return 0.5 / float(np.linalg.eigvalsh(limiting_gram(values["points"]))[-1])


def constants(values: Values) -> dict[str, float]:
    """λ_0, η, and residuals in units of the first."""
    return {"lambda_0": least_eigenvalue(values["points"]), "eta": step_size(values), "initial_loss": 1.0}


def watched(values: Values) -> dict[str, float]:
    """What the failures are counted against."""
    eta = step_size(values)
    return {"eta": eta, "k": STEPS, "contraction": 1 - eta * least_eigenvalue(values["points"]) / 2}


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="contraction",
            space=Space(
                draws={
                    **SHAPE,
                    **DATA,
                    "m": Between(64, 256),
                    "pace": OneOf(("largest", "stated")),
                    "k": OneOf((2, 5, 20, 100)),
                },
                anchors=(
                    *({**ANCHOR, "m": 128, "pace": "largest", "k": k} for k in (1, 4, 16)),
                    {**ANCHOR, "m": 128, "pace": "stated", "k": 300},
                ),
            ),
            route=Route(
                name="gradient descent",
                simulate=fixed_output_layer.residual_ratio,
                clock=lambda values: Clock(step_size=values["eta"], steps=int(values["k"])),
            ),
            # The residuals are sums of m terms, moved k times; the bound is compared with their ratio.
            rounding=lambda values: float(np.finfo(float).eps) * 16 * (values["m"] + values["k"]),
            source="16 (m + k) machine epsilons",
            constants=constants,
        ),
        Means(
            part="probability",
            space=Space(
                draws={**SHAPE, **DATA, "m": Between(16, 48), "delta": OneOf((0.05, 0.1))},
                anchors=tuple({**ANCHOR, "points": f"sphere:{seed}", "m": 16, "delta": 0.05} for seed in (1, 3)),
            ),
            routes=(
                Route(
                    name="gradient descent",
                    simulate=fixed_output_layer.worst_excess,
                    reads=lambda draws: np.where(np.isfinite(draws), draws > 0, np.nan),
                    settings=watched,
                    bounds=(0.0, 1.0),
                    clock=lambda values: Clock(step_size=step_size(values), steps=STEPS),
                    trials=lambda values: 500,
                ),
            ),
            resolution=Resolution(relative=0.0, absolute=0.01),
            controls=(Control(assumption="width", configuration={**ANCHOR, "m": 4, "delta": 0.05}),),
        ),
    ),
    expected={
        "contraction": Expected(
            status="holds, sharp", reason="within a factor 10 at few steps; loose in the exponent", date="2026-11-26"
        ),
        "probability": Expected(
            status="holds, sharp", reason="near its stated failure at a few neurons a point", date="2026-11-26"
        ),
        "width": Expected(
            status="confirmed",
            reason="the two Markov inequalities of [41]",
            date="2026-11-26",
            as_printed="refuted",
        ),
    },
)
