"""Confronts the expected tangent kernel with gradients of random networks, and the least change of their weights."""

from collections.abc import Mapping

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Draw,
    Expected,
    Fine,
    Means,
    OneOf,
    Pointwise,
    Resolution,
    Route,
    Space,
    Values,
)
from lazy_assay.checks.daniely2019._spaces import ACTIVATIONS, CORRELATIONS, NEURONS, seeded
from lazy_assay.sims.paired import initialisation
from lazy_assay.theory._mathematics import dual_activations as duals
from lazy_assay.theory.daniely2019._kernel_space import EPSILON, Embedding, Scheme
from lazy_assay.theory.daniely2019.ntk import CLAIM

SIZES: Mapping[str, Draw] = {
    "correlation": CORRELATIONS,
    "activation": ACTIVATIONS,
    "q": OneOf((16, 32, 64)),
    "d": Between(2, 6),
}
PAIR: Configuration = {"correlation": 0.3, "activation": "relu", "q": 32, "d": 3}
AT: Configuration = {"d": 3, "N": 8, "n": 4, "W": "gaussian:1", "points": "sphere:1", "labels": "signs:1"}
GRADIENTS = Route(name="gradients of networks", simulate=initialisation.tangent_kernel, trials=lambda values: 1024)
STANDARD = Route(
    name="gradients in the standard convention",
    simulate=initialisation.standard_tangent_kernel,
    trials=lambda values: 1024,
)
HIDDEN = Route(
    name="gradients of the first layer",
    simulate=initialisation.tangent_kernel,
    settings=lambda values: {"B": np.inf},
    trials=lambda values: 1024,
)


def rounding(values: Values) -> float:
    """64 machine epsilons an entry of the Jacobian, times its condition number squared on its range, and the size."""
    slopes = Embedding(Scheme(values["activation"]), values["W"].T)(values["points"])
    outputs = duals.named(values["activation"]).value(values["points"] @ values["W"])
    jacobian = np.concatenate([slopes, outputs / values["B"] / np.sqrt(values["W"].shape[1])], axis=1)
    singular = np.linalg.svd(jacobian, compute_uv=False)
    kept = singular[singular > max(jacobian.shape) * 64 * EPSILON * singular.max()]
    scale = float(np.linalg.norm(values["labels"]) * singular.max() / values["B"])
    # Neurons that are all inactive leave no gradient: nothing then to be conditioned.
    condition = float((kept.max() / kept.min()) ** 2) if len(kept) else 1.0
    return 64 * EPSILON * jacobian.size * condition * scale


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="expected",
            name="mean over weights",
            space=Space(
                draws={**SIZES, "B": OneOf((1.0, 2.0, 0.5, 5.0))},
                anchors=({**PAIR, "B": 0.5}, {**PAIR, "B": 2.0, "activation": "softplus", "correlation": 0.6}),
                degenerate={"equal inputs": {**PAIR, "B": 1.0, "correlation": 1.0}},
            ),
            routes=(GRADIENTS,),
            resolution=Resolution(relative=0.02, absolute=0.006),
            fine=Fine(
                anchors=({**PAIR, "B": 2.0, "activation": "softplus", "correlation": 0.6}, {**PAIR, "B": 0.5}),
                resolution=Resolution(relative=0.009),
                copies=16,
            ),
        ),
        Means(
            part="hidden",
            name="mean over weights",
            space=Space(draws=SIZES, anchors=(PAIR, {**PAIR, "activation": "abs", "correlation": -0.7})),
            routes=(HIDDEN,),
            resolution=Resolution(relative=0.02, absolute=0.006),
            fine=Fine(anchors=(PAIR,), resolution=Resolution(relative=0.009), copies=6),
        ),
        Means(
            part="standard_scaling",
            name="mean over weights",
            space=Space(
                draws={**SIZES, "B": OneOf((0.5, 1.0, 2.0))},
                anchors=({**PAIR, "B": 0.5}, {**PAIR, "B": 1.0, "activation": "softplus", "correlation": 0.6}),
            ),
            routes=(STANDARD,),
            resolution=Resolution(relative=0.02, absolute=0.006),
            fine=Fine(anchors=({**PAIR, "B": 0.5},), resolution=Resolution(relative=0.009), copies=16),
        ),
        Pointwise(
            part="least_change",
            space=Space(
                draws={
                    "d": Between(2, 5),
                    "N": Between(1, 16),
                    "n": Between(2, 5),
                    "W": seeded("gaussian"),
                    "points": seeded("sphere"),
                    "labels": seeded("signs", "gaussian"),
                    "B": OneOf((1.0, 0.5, 3.0)),
                    "activation": ACTIVATIONS,
                },
                anchors=({**AT, "B": 2.0, "activation": "tanh"},),
            ),
            route=Route(
                name="least norm by gradients", simulate=initialisation.smallest_direction_at, parameters=NEURONS
            ),
            rounding=rounding,
            source="64 machine epsilons an entry of the Jacobian, times its condition number squared, computed",
        ),
    ),
    expected={
        "expected": Expected(status="confirmed", reason="an exact mean", date="2026-11-26"),
        "hidden": Expected(status="confirmed", reason="an exact mean", date="2026-11-26"),
        "standard_scaling": Expected(status="confirmed", reason="a change of variables", date="2026-11-29"),
        "least_change": Expected(
            status="confirmed",
            reason="Theorem 2 with the embedding ∇h/(√(2q)B); printed upside down",
            date="2026-11-26",
            as_printed="refuted",
        ),
    },
)
