"""A digest of every configuration that an entropy draws, and of the arrays that are made from each.

    python benchmarks/configurations.py > before; …; python benchmarks/configurations.py > after; diff before after

A line a configuration: where it stands, its plain scalars, and the first digits of a digest over its values. Two trees
that print the same draw the same and make the same, to the last bit, on one machine (a rotation by LAPACK may differ on
another). Takes half a minute.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from lazy_assay import theory
from lazy_assay.checks.configurations.points import points
from lazy_assay.checks.configurations.search import search
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.procedures.effects import Effects
from lazy_assay.checks.procedures.means import Means
from lazy_assay.checks.procedures.pointwise import Pointwise
from lazy_assay.checks.procedures.sweep import Sweep
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.setting import Configuration, Scope
from lazy_assay.checks.vocabulary.space import Space
from lazy_assay.sims import stream_key
from lazy_assay.theory import Claim, Part

ENTROPY = 0


def digest(values: Any) -> str:
    """Of arrays by their bytes, of all else by its text."""
    parts = [
        f"{name} {value.shape} {value.tobytes().hex()}" if isinstance(value, np.ndarray) else f"{name} {value!r}"
        for name, value in sorted(values.items())
    ]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()


def key(*labels: str) -> int:
    """As a context makes it."""
    return stream_key(ENTROPY, "/".join(labels), {}, 0)


def drawn(claim: Claim, part: Part, route: Route, space: Space, *labels: str) -> Iterator[tuple[Route, Configuration]]:
    """What stands in a space, and what a quick search draws from it."""
    found: list[Configuration] = [*space.anchors, *space.degenerate.values()]
    scope = Scope.of(claim, part, route)
    seed = key("search", claim.id, part.name, *labels)

    def visit(told: Configuration) -> float:
        found.append(told)
        return 0.0

    search(scope.domains, space, PROFILES["quick"], key=seed, visit=visit)
    yield from ((route, configuration) for configuration in found)


def configurations(claim: Claim, part: Part, procedure: Any) -> Iterator[tuple[Route, Configuration]]:
    """Every configuration of a procedure, with the route that takes it."""
    match procedure:
        case Means():
            for route in procedure.routes:
                yield from drawn(claim, part, route, route.space or procedure.space, route.name)
        case Pointwise():
            yield from drawn(claim, part, procedure.route, procedure.space)
        case Sweep():
            every = (*procedure.configurations, *(c for more in procedure.further.values() for c in more))
            yield from ((procedure.route, configuration) for configuration in every)
        case Effects():
            yield from (side for contrast in procedure.contrasts for side in contrast.sides)
    yield from ((procedure.route, control.configuration) for control in getattr(procedure, "controls", ())
                if isinstance(procedure, Pointwise | Sweep))  # fmt: skip


def main() -> None:
    """Print every line."""
    for claim in theory.claims():
        for procedure in check(claim.id).procedures:
            part = claim.part(procedure.part)
            for route, configuration in configurations(claim, part, procedure):
                values = Scope.of(claim, part, route).at(configuration).values
                plain = json.dumps(dict(configuration), ensure_ascii=False)
                print(f"{claim.id}:{part.name} {route.name} {plain} {digest(values)}")
        for part in claim.parts:
            for formula in filter(None, (part.published, part.finite)):
                told = points(part, formula, key=key("statement", claim.id, part.name), count=12)
                print(f"{claim.id}:{part.name} points {formula.__name__} {' '.join(map(digest, told))}")


if __name__ == "__main__":
    main()
