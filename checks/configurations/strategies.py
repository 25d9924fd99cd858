"""Hypothesis strategies for configurations, constructed (never filtered) from a part's domains and a check's space.

Hypothesis is loaded on first use: `assay list` reads every check, and draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lazy_assay.checks.configurations import spectra
from lazy_assay.checks.vocabulary.result import Scalar
from lazy_assay.checks.vocabulary.space import Between, Draw, OneOf, Ratio, Space, Spectra
from lazy_assay.theory import Choice, Integer, InvalidParameterError, Parameter, Part, Real, Symmetric
from lazy_assay.theory._parameter import Domain

if TYPE_CHECKING:
    from hypothesis import strategies as st


class ImpossibleDomainError(ValueError):
    """The space leaves nothing of the claim's domain: an error, never an empty search."""


def configurations(part: Part, space: Space) -> st.SearchStrategy[dict[str, Scalar]]:
    """Configurations of `part` inside `space`. Raises ImpossibleDomainError before anything is drawn."""
    from hypothesis import strategies as st

    for name, draw in space.draws.items():
        if name in part.declared:
            _check_possible(part.declared[name], draw)

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Scalar]:
        chosen: dict[str, Scalar] = {}
        for name, wanted in space.draws.items():
            chosen[name] = draw(_strategy(part.declared.get(name), wanted, chosen), label=name)
        return chosen

    return build()


def _check_possible(parameter: Parameter, draw: Draw) -> None:
    """Refuse a draw that leaves the parameter's domain, wholly or in part: the search must not wander outside."""
    domain = parameter.domain
    match draw, domain:
        case Between(low, high), Integer():
            possible = low <= high and domain.low <= low and high <= domain.high
        case OneOf(values), Choice() | Real() | Integer():
            possible = bool(values) and all(_accepted(domain, value) for value in values)
        case Ratio(_, ratios), Integer():
            possible = bool(ratios) and min(ratios) > 0
        case Spectra(families), Symmetric():
            possible = bool(families) and set(families) <= set(admissible(domain))
        case _:
            possible = True
    if not possible:
        raise ImpossibleDomainError(f"{parameter.name}: {draw} leaves the domain, {domain.describe()}")


def _accepted(domain: Domain, value: Scalar) -> bool:
    try:
        domain.accept(value)
    except InvalidParameterError:
        return False
    return True


def admissible(domain: Symmetric) -> tuple[str, ...]:
    """The spectrum families whose members lie in the domain."""
    return spectra.ROLES[spectra.role(domain)]


# Bits a draw is made of: enough for a thousand seeds almost evenly.
BITS = 16


def whole(low: int, high: int) -> st.SearchStrategy[int]:
    """Whole numbers from `low` to `high`, `low` the simplest.

    Made of booleans: into integers Hypothesis mixes constants that it finds in imported local modules, so that an edit
    anywhere, or an installation from a wheel, would change what a given entropy draws.
    """
    from hypothesis import strategies as st

    bits = st.lists(st.booleans(), min_size=BITS, max_size=BITS)
    return bits.map(lambda drawn: low + sum(bit << place for place, bit in enumerate(drawn)) % (high - low + 1))


def one_of(values: Sequence[Scalar]) -> st.SearchStrategy[Scalar]:
    """One of `values`, the first the simplest."""
    return whole(0, len(values) - 1).map(lambda index: values[index])


def _strategy(parameter: Parameter | None, draw: Draw, chosen: Mapping[str, Scalar]) -> st.SearchStrategy[Scalar]:
    match draw:
        case Between(low, high):
            return whole(low, high)
        case OneOf(values):
            return one_of(values)
        case Ratio(of, ratios):
            sizes = sorted({max(1, round(ratio * float(chosen[of]))) for ratio in ratios})
            return one_of(sizes)
        case Spectra(families, seeds):
            return one_of(families).flatmap(lambda family: _family(str(family), seeds))
    raise ImpossibleDomainError(f"{parameter}: cannot draw from {draw}")


def _family(family: str, seeds: int) -> st.SearchStrategy[Scalar]:
    if family in spectra.SEEDED:
        return whole(0, seeds - 1).map(lambda seed: f"{family}:{seed}")
    arguments = {
        "power": (0.25, 0.5),
        "above": (0.1, 0.2, 0.35, 0.5),
        "geometric": (0.5, 0.6, 0.7),
        "indefinite": (0.5, 0.6, 0.7),
        "spiked": (0.05, 0.1),
        "nearly flat": (0.05, 0.1),
    }
    return one_of([f"{family}:{a:g}" for a in arguments[family]] if family in arguments else [family])


def smaller(configuration: Mapping[str, Scalar], space: Space) -> list[dict[str, Scalar]]:
    """Simpler neighbours to try while shrinking a suspect, smallest first: half the size, the same ratio, the first
    seed."""
    tries = []
    for name, draw in space.draws.items():
        if isinstance(draw, Between) and int(configuration[name]) > draw.low:
            size = max(draw.low, int(configuration[name]) // 2)
            scale = size / int(configuration[name])
            tries.append({**configuration, name: size} | _rescaled(configuration, space, name, scale))
        if isinstance(draw, Spectra) and str(configuration[name]).partition(":")[0] in spectra.SEEDED:
            family = str(configuration[name]).partition(":")[0]
            tries.append({**configuration, name: f"{family}:0"})
    return [candidate for candidate in tries if candidate != dict(configuration)]


def _rescaled(configuration: Mapping[str, Scalar], space: Space, name: str, scale: float) -> dict[str, Scalar]:
    tied = [key for key, draw in space.draws.items() if isinstance(draw, Ratio) and draw.of == name]
    return {key: max(1, math.floor(int(configuration[key]) * scale + 0.5)) for key in tied}
