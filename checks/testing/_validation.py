"""Every battery that applies to a claim, as `assay validate` runs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lazy_assay.checks.engine.registry import check, faults
from lazy_assay.checks.testing._battery import Finding, findings
from lazy_assay.checks.testing._checks import CheckBattery
from lazy_assay.checks.testing._claims import ClaimBattery
from lazy_assay.checks.testing._simulations import SimulationBattery
from lazy_assay.checks.vocabulary.check import Check, Route
from lazy_assay.checks.vocabulary.context import simulation_arguments
from lazy_assay.checks.vocabulary.setting import Scope
from lazy_assay.checks.vocabulary.space import Space
from lazy_assay.theory._catalogue import catalogue


def validated(id: str) -> Iterator[Finding]:
    """What the batteries find of a claim, its check, and those of its routes' simulations that its collection holds.

    A claim that cannot be loaded has one finding, which says why.
    """
    if fault := faults([id]).get(id):
        yield Finding(id, "it can be loaded", fault)
        return
    for battery in (ClaimBattery(), CheckBattery()):
        battery.claim = id
        yield from findings(battery, id)
    package = catalogue().place(id).collection.package
    for route, sizes in _small(check(id)):
        if route.simulate.__module__.startswith(f"{package}."):
            simulated = SimulationBattery()
            simulated.simulation, simulated.sizes = route.simulate, sizes
            simulated.counts = few_values(simulated)
            yield from findings(simulated, f"{id} by {route.name}")


def few_values(battery: SimulationBattery) -> bool:
    """Whether draws repeat, as counts do: then independent trials may agree."""
    return len(np.unique(battery.draws(trials=24, entropy=0).reshape(24, -1)[:, 0])) < 12


def _small(found: Check) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Each simulation once, with its arguments at the first configuration that a check always runs."""
    met = set()
    for procedure in found.procedures:
        for route in getattr(procedure, "routes", ()):
            space = route.space or getattr(procedure, "space", None)
            if isinstance(space, Space) and space.anchors and route.simulate not in met:
                met.add(route.simulate)
                scope = Scope.of(found.claim, found.claim.part(procedure.part), route)
                yield route, simulation_arguments(route, scope.at(space.anchors[0]).values)
