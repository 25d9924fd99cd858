"""Hypothesis strategies for configurations, constructed (never filtered) from a part's domains and a check's space.

Hypothesis is loaded on first use: `assay list` reads every check, and draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lazy_assay.checks.vocabulary.result import Scalar
from lazy_assay.checks.vocabulary.setting import Scope
from lazy_assay.checks.vocabulary.space import Between, Draw, Members, OneOf, Ratio, Space
from lazy_assay.theory import Domain, Family, InvalidParameterError
from lazy_assay.theory._parameter import shown

if TYPE_CHECKING:
    from hypothesis import strategies as st

Domains = Mapping[str, Domain]


class ImpossibleDomainError(ValueError):
    """The space leaves the claim's domain: an error, never an empty search."""


def within(scope: Scope, space: Space) -> None:
    """Raise ValueError, one line, where a space draws or holds what nothing declares, or what lies outside."""
    for name, draw in space.draws.items():
        scope.declares(name, "draws", as_text=_of_texts(draw))
    try:
        possible(scope.domains, space)
    except ImpossibleDomainError as error:
        raise ImpossibleDomainError(f"{scope.where}: draws: {error}") from None
    scope.require((*space.anchors, *space.further), "anchors")
    scope.require(space.degenerate.values(), "degenerate")


def _of_texts(draw: Draw) -> bool:
    return isinstance(draw, Members) or (isinstance(draw, OneOf) and any(isinstance(v, str) for v in draw.values))


def possible(domains: Domains, space: Space) -> None:
    """Raise ImpossibleDomainError for a draw that leaves its domain, wholly or in part: a search must not wander."""
    earlier: set[str] = set()
    for name, draw in space.draws.items():
        if name in domains and not _inside(domains[name], draw):
            raise ImpossibleDomainError(f"{name}: {shown(draw)} leaves the domain, {domains[name].describe()}")
        if isinstance(draw, Ratio) and draw.of not in earlier:
            raise ImpossibleDomainError(f"{name}: {shown(draw)} is of {draw.of}, which is not drawn before it")
        earlier.add(name)


def _inside(domain: Domain, draw: Draw) -> bool:
    match draw:
        case Between(low, high):
            return low <= high and _holds(domain, low) and _holds(domain, high)
        case OneOf(values):
            return bool(values) and all(_holds(domain, value) for value in values)
        case Ratio(_, ratios):
            return bool(ratios) and min(ratios) > 0
        case Members(families):
            return bool(families) and set(families) <= set(domain.families)


def _holds(domain: Domain, member: Scalar) -> bool:
    try:
        domain.check(member)
    except InvalidParameterError:
        return False
    return True


def configurations(domains: Domains, space: Space) -> st.SearchStrategy[dict[str, Scalar]]:
    """Configurations inside `space`. Raises ImpossibleDomainError before anything is drawn."""
    from hypothesis import strategies as st

    possible(domains, space)

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Scalar]:
        chosen: dict[str, Scalar] = {}
        for name, wanted in space.draws.items():
            families = domains[name].families if name in domains else {}
            chosen[name] = draw(_strategy(families, wanted, chosen), label=name)
        return chosen

    return build()


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


def _strategy(families: Mapping[str, Family], draw: Draw, chosen: Mapping[str, Scalar]) -> st.SearchStrategy[Scalar]:
    match draw:
        case Between(low, high):
            return whole(low, high)
        case OneOf(values):
            return one_of(values)
        case Ratio(of, ratios):
            sizes = sorted({max(1, round(ratio * float(chosen[of]))) for ratio in ratios})
            return one_of(sizes)
        case Members(names, seeds):
            return one_of(names).flatmap(lambda name: _member(str(name), families[str(name)], seeds))


def _member(name: str, family: Family, seeds: int) -> st.SearchStrategy[Scalar]:
    if family.seeded:
        return whole(0, seeds - 1).map(lambda seed: f"{name}:{seed}")
    return one_of([f"{name}:{argument:g}" for argument in family.arguments] or [name])


def smaller(configuration: Mapping[str, Scalar], domains: Domains, space: Space) -> list[dict[str, Scalar]]:
    """Simpler neighbours to try while shrinking a suspect, smallest first: half the size, the same ratio, the first
    seed."""
    tries = []
    for name, draw in space.draws.items():
        if isinstance(draw, Between) and int(configuration[name]) > draw.low:
            size = max(draw.low, int(configuration[name]) // 2)
            scale = size / int(configuration[name])
            tries.append({**configuration, name: size} | _rescaled(configuration, space, name, scale))
        family = str(configuration[name]).partition(":")[0]
        if isinstance(draw, Members) and domains[name].families[family].seeded:
            tries.append({**configuration, name: f"{family}:0"})
    return [candidate for candidate in tries if candidate != dict(configuration)]


def _rescaled(configuration: Mapping[str, Scalar], space: Space, name: str, scale: float) -> dict[str, Scalar]:
    tied = [key for key, draw in space.draws.items() if isinstance(draw, Ratio) and draw.of == name]
    return {key: max(1, math.floor(int(configuration[key]) * scale + 0.5)) for key in tied}
