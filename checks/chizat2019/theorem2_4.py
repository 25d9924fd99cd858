"""Confronts Theorem 2.4 on a test vector whose constants are all known, and on two-layer networks, at many times."""

import math
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Control,
    Expected,
    OneOf,
    Pointwise,
    Route,
    Scalar,
    Space,
    Values,
)
from lazy_assay.checks.chizat2019._networks import EPSILON, MADE, NETWORKS, seeded
from lazy_assay.sims.lazy import scaled_flow
from lazy_assay.theory import Real
from lazy_assay.theory.chizat2019._networks import jacobian, lipschitz_of_derivative, outputs, start
from lazy_assay.theory.chizat2019.theorem2_4 import C0, CLAIM

# α as a multiple of the least that the theorem allows, and M/m.
PARAMETERS = {**MADE, "multiple": Real(0), "condition": Real(1, closed_low=True), "weight_unit": Real(0)}
# (σ_min, ‖Dh(w0)‖, Lip(Dh)) at w0 = 1, by hand; of h(w/ω) at w0 = ω, over ω, ω and ω².
MODELS = {
    "squares": (2 * math.sqrt(2), 2 * math.sqrt(2), 2.0),
    "square": (2.0, 2.0, 2.0),
    "sine": (1.0, 1.0, 1.0),
}


def of_model(values: Values) -> dict[str, Any]:
    """The theorem's constants for a test vector; α as a multiple of the least that the theorem allows."""
    sigma, norm, lipschitz = MODELS[values["model"]]
    unit = float(values.get("weight_unit", 1.0))
    return scaled(values, sigma / unit, norm / unit, lipschitz / unit**2, 0.0)


def of_network(values: Values) -> dict[str, Any]:
    """The theorem's constants for a network, from its Jacobian's singular values and a bound of ‖D²h‖ on a ball.

    The proof stays within σ/(2 Lip(Dh)) of w0, and Lip(Dh) grows with the ball: a ball for the constant of no ball at
    all is large enough.
    """
    points, W, u, activation = (values[name] for name in ("points", "W", "u", "activation"))
    state, offset = start(points, W, u, activation, values["initialisation"])
    singular = np.linalg.svd(jacobian(points, state, activation, len(u)), compute_uv=False)
    least = lipschitz_of_derivative(points, u, activation, len(u), 0.0)
    lipschitz = lipschitz_of_derivative(points, u, activation, len(u), float(singular[-1]) / (2 * least))
    output = float(np.linalg.norm(outputs(points, state, activation, len(u)) - offset))
    return scaled(values, float(singular[-1]), float(singular[0]), lipschitz, output)


def scaled(values: Values, sigma: float, norm: float, lipschitz: float, output: float) -> dict[str, Any]:
    """Constants by the theorem's names. What a pair of neurons leaves by rounding is no output."""
    m = float(values.get("convexity", 1.0))
    M = m * float(values["condition"])
    targets = float(np.linalg.norm(values["labels"]))
    told = {"sigma_min": sigma, "Dh_norm": norm, "Dh_lipschitz": lipschitz, "convexity": m, "smoothness": M}
    return {
        **told,
        "alpha": float(values["multiple"]) * targets / C0(**told),
        "initial_error": targets,
        "target_norm": targets,
        "initial_output_norm": output,
    }


def steps(values: Values) -> int:
    """Steps of the integrator, an even number: one to every two units of M‖Dh‖²t, and four."""
    return 4 + 2 * math.ceil(float(values["smoothness"] * values["Dh_norm"] ** 2 * values["t"] / 4))


def rate(values: Values) -> float:
    """m σ²/4, at which the envelope falls."""
    return float(values["convexity"] * values["sigma_min"] ** 2 / 4)


def rounding(values: Values, weighted: bool) -> float:
    """64 machine epsilons of outputs and targets; at the end of the weighted supremum they are magnified."""
    size = 64 * EPSILON * (values["alpha"] + values["target_norm"])
    return float(size * math.exp(rate(values) * values["t"])) if weighted else float(size)


def confrontation(
    part: str, simulate: Any, space: Space, constants: Any, controls: tuple[Control, ...] = ()
) -> Pointwise:
    """One part on test vectors or on networks."""
    weighted = part == "every_time"
    name = "networks" if constants is of_network else "test vector"
    model = "two-layer networks" if name == "networks" else "a test vector"
    return Pointwise(
        part=part,
        name=name,
        space=space,
        route=Route(
            name=f"gradient flow of {model}",
            simulate=simulate,
            settings=lambda values: {"steps": steps(values), "rate": rate(values) if weighted else 0.0},
            parameters=PARAMETERS,
            coarser=lambda values: {"steps": steps(values) // 2},
            clock=lambda values: Clock(
                step_size=values["t"] / steps(values), steps=steps(values), alpha=values["alpha"]
            ),
        ),
        rounding=lambda values: rounding(values, weighted),
        source="64 machine epsilons of α and the targets",
        constants=constants,
        controls=controls,
        # All singular values of the test vector are alike: there ‖Dh‖ in place of σ is no wrong version. Networks tell.
        wrong_versions=not (part == "envelope" and name == "test vector"),
    )


VECTOR: dict[str, Scalar] = {"model": "squares", "n": 3, "labels": "gaussian:1"}
TIMES = (0.0, 0.1, 0.3, 0.6, 1.2)
VECTORS = Space(
    draws={
        "model": OneOf(("squares",)),
        "n": Between(1, 4),
        "labels": seeded("gaussian"),
        "multiple": OneOf((1.01, 1.5, 4.0, 100.0)),
        "convexity": OneOf((1.0, 0.125, 2.0)),
        "condition": OneOf((1.0, 2.0, 4.0)),
        "t": OneOf((0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0)),
    },
    anchors=(
        *({**VECTOR, "multiple": 1.01, "condition": 1.0, "t": t} for t in TIMES),
        # Of other curvatures; and in other units, a time of 2/(mσ²) in which R and h are steep, or flat.
        *({**VECTOR, "multiple": 1.01, "condition": 1.0, "convexity": m, "t": 0.0} for m in (0.125, 2.0)),
        {**VECTOR, "multiple": 1.01, "condition": 1.0, "convexity": 100.0, "weight_unit": 0.02828, "t": 2e-6},
        {**VECTOR, "multiple": 1.01, "condition": 1.0, "convexity": 0.001, "weight_unit": 282.8, "t": 2e7},
    ),
)
NET: dict[str, Scalar] = {
    "d": 3,
    "n": 3,
    "N": 10,
    "points": "sphere:1",
    "labels": "gaussian:1",
    "W": "gaussian:1",
    "u": "gaussian:1",
    "activation": "tanh",
    "initialisation": "paired",
    "multiple": 1.01,
    "t": 4.0,
}
NETS = Space(
    draws={
        **NETWORKS,
        "n": Between(1, 3),
        "initialisation": OneOf(("centred", "paired")),
        "multiple": OneOf((1.01, 4.0)),
        "convexity": OneOf((1.0, 0.125, 2.0)),
        "condition": OneOf((1.0, 3.0)),
        "t": OneOf((0.0, 0.5, 1.0, 2.0, 4.0)),
    },
    anchors=({**NET, "condition": 6.0}, {**NET, "condition": 1.0, "convexity": 0.125}),
)
# αh cannot reach the target: a model that is too small for it.
STUCK: dict[str, Scalar] = {"model": "sine", "n": 1, "labels": "ones", "multiple": 0.015, "condition": 1.0, "t": 20.0}
WHOLE = Space(
    draws={**VECTORS.draws, "t": OneOf((0.5, 1.0))},
    anchors=(
        {**VECTOR, "multiple": 1.01, "condition": 1.0, "t": 1.0},
        {**VECTOR, "multiple": 1.01, "condition": 4.0, "t": 1.0},
        *({**VECTOR, "multiple": 1.01, "condition": 1.0, "convexity": m, "t": 0.5} for m in (0.125, 2.0)),
    ),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        confrontation("envelope", scaled_flow.residual_norm_at, VECTORS, of_model),
        confrontation("envelope", scaled_flow.network_residual_norm_at, NETS, of_network),
        confrontation(
            "every_time",
            scaled_flow.residual_norm_at,
            WHOLE,
            of_model,
            (Control(assumption="large scale", configuration=STUCK),),
        ),
    ),
    expected={
        "envelope": Expected(
            status="holds, sharp", reason="equality at t = 0 with the square loss; loose later", date="2026-11-26"
        ),
        "every_time": Expected(
            status="holds, sharp", reason="equality at t = 0 with the square loss", date="2026-11-26"
        ),
    },
)
