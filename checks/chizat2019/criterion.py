"""Confronts the lazy criterion: κ by automatic differentiation against norms found neuron by neuron."""

from typing import Any

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Control,
    Draw,
    Expected,
    OneOf,
    Pointwise,
    Route,
    Scalar,
    Space,
    Sweep,
    Values,
)
from lazy_assay.checks.chizat2019._networks import ANCHOR, EPSILON, MADE, NETWORKS, SMOOTH
from lazy_assay.sims.lazy import relative_scale
from lazy_assay.theory.chizat2019._networks import jacobian, outputs, second_norm, start
from lazy_assay.theory.chizat2019.criterion import CLAIM

WIDTHS = tuple(2.0**k for k in range(5, 12))


def norms(values: Values) -> dict[str, Any]:
    """‖h(w0) − y*‖, ‖D²h(w0)‖ and ‖Dh(w0)‖ of h itself, in numpy, neuron by neuron."""
    points, W, u, activation = (values[name] for name in ("points", "W", "u", "activation"))
    state, offset = start(points, W, u, activation, values["initialisation"])
    h = outputs(points, state, activation, len(u)) - offset
    return {
        "residual_norm": float(np.linalg.norm(h - values["labels"])),
        "D2h_norm": second_norm(points, state, activation, len(u)),
        "Dh_norm": float(np.linalg.norm(jacobian(points, state, activation, len(u)), 2)),
    }


def confrontation(
    part: str,
    draws: dict[str, Any],
    anchor: dict[str, Scalar],
    controls: tuple[Control, ...] = (),
    smooth: bool = False,
) -> Pointwise:
    """κ of drawn networks: of relu, which confront the wrong versions too, or of smooth activations."""
    # Alternating maximisation stops where its value no longer moves; its vectors are then right to a root of epsilon.
    return Pointwise(
        part=part,
        name="smooth networks" if smooth else "networks",
        space=Space(draws={**NETWORKS, **(SMALL if smooth else RELU), **draws}, anchors=(anchor,)),
        route=Route(
            name="automatic differentiation",
            simulate=relative_scale.kappa_at,
            settings=lambda values: {"alpha": values.get("alpha", 1.0)},
            parameters=MADE,
        ),
        rounding=lambda values: 2**12 * EPSILON * values["residual_norm"] * values["D2h_norm"] / values["Dh_norm"] ** 2,
        source="2^12 machine epsilons, heuristic: eigenvectors and singular values of small matrices",
        constants=norms,
        controls=controls,
        wrong_versions=not smooth,
    )


RELU: dict[str, Draw] = {"N": Between(3, 5), "d": Between(2, 3), "activation": OneOf(("relu",))}
# Smooth neurons have second derivatives in w as well: a tensor norm by alternating maximisation, dear at larger sizes.
SMALL: dict[str, Draw] = {"N": Between(3, 4), "d": OneOf((2,)), "n": OneOf((2,)), "activation": OneOf(SMOOTH)}
TANH: dict[str, Scalar] = {**ANCHOR, "N": 3, "d": 2, "n": 2, "activation": "tanh"}
STARTS: dict[str, Draw] = {"initialisation": OneOf(("centred", "paired", "independent"))}
SCALED: dict[str, Draw] = {
    "initialisation": OneOf(("centred", "paired")),
    "alpha": OneOf((0.25, 4.0, 64.0, 1024.0)),
}
BASE: dict[str, Scalar] = {**ANCHOR, "N": 4, "activation": "relu"}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        confrontation("definition", STARTS, {**BASE, "initialisation": "independent"}),
        confrontation("definition", STARTS, {**TANH, "initialisation": "independent"}, smooth=True),
        confrontation(
            "zero_output",
            SCALED,
            {**BASE, "initialisation": "paired", "alpha": 64.0},
            (
                Control(
                    assumption="zero output", configuration={**BASE, "initialisation": "independent", "alpha": 64.0}
                ),
            ),
        ),
        confrontation("zero_output", SCALED, {**TANH, "initialisation": "paired", "alpha": 64.0}, smooth=True),
        Sweep(
            part="width",
            route=Route(
                name="widths",
                simulate=relative_scale.kappa_by_width,
                settings=lambda values: {"widths": np.array(WIDTHS)},
            ),
            sizes=WIDTHS,
            configurations=tuple({"d": 6, "n": 3, "exponent": p} for p in (0.5, 0.0, 1.0)),
            resolution=0.04,
            repeated=80,
            at_most=48,
        ),
    ),
    uncontrolled={"differential": "κ is a quotient by ‖Dh(w0)‖²: where every neuron sleeps there is no κ to draw"},
    expected={
        "definition": Expected(status="confirmed", reason="the two sides are computed apart", date="2026-11-26"),
        "zero_output": Expected(status="confirmed", reason="the residual does not depend on α", date="2026-11-26"),
        "width": Expected(
            status="confirmed",
            reason="κ ~ m^(−1/2) + 1/(α m); any α > 0 is not enough",
            date="2026-11-26",
            as_printed="refuted",
        ),
    },
)
