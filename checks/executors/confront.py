"""Confronts one claim in this process, as a plain call: no pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lazy_assay.checks.engine.order import Order, UsageError, validate
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors.local import Local
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.result import Result


def confront(
    id: str,
    *,
    profile: str = "quick",
    entropy: int = 0,
    device: str = "cpu",
    distort: Callable[[Any], Any] | Distortion | None = None,
    simulate: Mapping[str, Callable[..., Any]] | None = None,
) -> list[Result]:
    """Confront one claim with simulation and return its results.

    distort: maps every predicted value just before it is compared with draws (`lambda p: 1.01 * p` asks: would a 1 %
    error be caught?), or is a `Distortion` of other dials; what compares a claim's formulas with one another it never
    reaches. simulate: `{route name: callable}` in place of a
    route's simulation, called with the same keyword arguments (the configuration's values, trials, entropy, device,
    dtype) and returning raw draws. Raises theory.UnknownClaimError or UsageError for bad arguments.
    """
    found = tasks(id)
    validate(profile, entropy, device)
    routes = list(dict.fromkeys(route for task in found for route in task.routes))
    if unknown := [name for name in simulate or {} if name not in routes]:
        raise UsageError(
            f"[{id}] simulate: there is no route {unknown[0]!r}; the claim has {', '.join(routes) or 'none'}"
        )
    orders = [Order(task=task.id, profile=profile, entropy=entropy, device=device) for task in found]
    with Local(distort=distort, simulate=simulate or {}) as executor:
        return [result for order in orders for result in executor.submit(order).result()]
