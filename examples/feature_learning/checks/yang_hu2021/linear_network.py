"""The limit of μP for a linear network against trained networks, with the exact mean at each width beside it."""

from __future__ import annotations

from lazy_assay.checks import Check, Means, OneOf, Resolution, Route, Space

from ...sims.linear_network import trained_by_rates, trained_in_mup
from ...theory.yang_hu2021.linear_network import CLAIM

SPACE = Space(
    draws={
        "n": OneOf((16, 32, 64, 128)),
        "eta": OneOf((0.05, 0.1, 0.2)),
        "y": OneOf((0.5, 1.0, 2.0)),
        "steps": OneOf((1, 2, 3)),
    },
    anchors=(
        {"n": 128, "eta": 0.2, "y": 2.0, "steps": 3},
        {"n": 16, "eta": 0.1, "y": 1.0, "steps": 2},
        {"n": 64, "eta": 0.2, "y": 2.0, "steps": 2},
    ),
)


def routes(quantity: str) -> tuple[Route, ...]:
    """Gradients by hand, and by autograd with the scales in the learning rates."""
    return tuple(
        Route(name=name, simulate=simulate, settings=lambda values: {"quantity": quantity}, copies=16)
        for name, simulate in (("descent in μP", trained_in_mup), ("autograd, rates by layer", trained_by_rates))
    )


CHECK = Check(
    claim=CLAIM,
    procedures=tuple(
        Means(
            part=part, space=SPACE, routes=routes(part), resolution=Resolution(relative=0.01, absolute=0.003), name=part
        )
        for part in ("output", "kernel")
    ),
)
