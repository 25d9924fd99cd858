"""From a configuration, plain scalars that anyone can replay, to the values that formulas and simulations take."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from lazy_assay.theory._parameter import Domain, Integer, InvalidParameterError, Scalar


@dataclass(frozen=True, kw_only=True)
class Relation:
    """What ties parameters to one another, where all of them occur: `parameter` becomes `value` of them, and of itself.

    The normalisation Tr(ΓΣ) = 1 gives Γ as Γ/Tr(ΓΣ).
    """

    name: str
    sentence: str
    parameter: str
    value: Callable[..., Any]

    @property
    def takes(self) -> tuple[str, ...]:
        """The parameters that it ties."""
        return tuple(inspect.signature(self.value).parameters)

    def applied(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, tied; as they are where one of the parameters is missing."""
        if not {self.parameter, *self.takes} <= set(values):
            return dict(values)
        return {**values, self.parameter: self.value(**{name: values[name] for name in self.takes})}


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The way of a limit: `size` grows, and `others` gives the other parameters at a size and a ratio.

    ratios: what is kept, one way for each; none where the others do not move. Texts name arrays, as in a configuration.
    """

    size: str
    others: Callable[[float, float], Mapping[str, Scalar]]
    ratios: tuple[float, ...] = ()
    ratio: str = "rho"


def in_proportion(count: str = "N", power: float = 1.0) -> Growth:
    """ρ = count/d^power is kept while d grows."""
    return Growth(size="d", others=lambda d, rho: {count: max(1, round(rho * d**power))}, ratios=(0.5, 2.0))


def with_labels(domains: Mapping[str, Domain]) -> dict[str, Domain]:
    """The domains, and that of every size which they name and none of them declares: a count."""
    labels = (label for domain in domains.values() for label in domain.labels if label)
    return {**dict.fromkeys(labels, Integer(1)), **domains}


def materialise(
    configuration: Mapping[str, Scalar], domains: Mapping[str, Domain], relations: Iterable[Relation] = ()
) -> dict[str, Any]:
    """The configuration's values by parameter name: each made by its domain, then tied by the relations.

    What no domain declares stays as it is. Raises InvalidParameterError, naming the parameter, for a scalar that stands
    for no value, or a size that the configuration lacks.
    """
    values: dict[str, Any] = dict(configuration)
    check_members(configuration, domains)
    mine = {name: domains[name] for name in configuration if name in domains}
    order = TopologicalSorter({name: domain.needs(configuration[name]) for name, domain in mine.items()})
    for name in order.static_order():
        if name in mine:
            values[name] = _named(name, mine[name].make, configuration[name], values)
    for relation in relations:
        values = relation.applied(values)
    return values


def check_members(configuration: Mapping[str, Scalar], domains: Mapping[str, Domain]) -> None:
    """Raise InvalidParameterError, naming the parameter, where a domain makes nothing of its scalar."""
    for name, member in configuration.items():
        if name not in domains:
            continue
        _named(name, domains[name].check, member)
        if missing := [other for other in domains[name].needs(member) if other not in configuration]:
            raise InvalidParameterError(f"{name} needs {missing[0]}, which the configuration does not have")


def _named(name: str, call: Callable[..., Any], *given: Any) -> Any:
    """What a call returns; where it refuses, the parameter's name goes before what it says."""
    try:
        return call(*given)
    except InvalidParameterError as error:
        raise InvalidParameterError(f"{name} {error}") from None


def plain(values: Mapping[str, Any], domains: Mapping[str, Domain]) -> dict[str, Scalar]:
    """The configuration that stands for typed values: the inverse of `materialise`, where domains have plain forms.

    Raises InvalidParameterError, naming the parameter, for a value that its domain does not accept.
    """
    return {
        name: _named(name, domains[name].text, value) if name in domains else value for name, value in values.items()
    }
