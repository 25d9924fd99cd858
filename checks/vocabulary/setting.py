"""A configuration, its values, and what a route may be off by there: one object, made once."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from lazy_assay.checks.vocabulary.check import Route, Values
from lazy_assay.checks.vocabulary.result import Scalar, Tolerance
from lazy_assay.theory import Claim, Domain, InvalidParameterError, Part, Relation, materialise
from lazy_assay.theory._configurations import check_members, with_labels

Configuration = Mapping[str, Scalar]
NOTHING: Mapping[str, Any] = {}
# What every simulation is called with, beside the values of a configuration.
KEPT = frozenset({"trials", "entropy", "device", "dtype"})


@dataclass(frozen=True, eq=False)
class Setting:
    """Plain scalars as results carry them, the values that these stand for, and each route's allowance, asked once."""

    configuration: Configuration
    values: Values
    _allowances: dict[object, Tolerance] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "configuration", MappingProxyType(dict(self.configuration)))
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    @property
    def where(self) -> str:
        """The configuration as messages show it."""
        return ", ".join(f"{name}={value}" for name, value in self.configuration.items())

    def tolerance(self, route: Route) -> Tolerance:
        """What the route may be off by here, as it declares."""
        if route.allowance not in self._allowances:
            self._allowances[route.allowance] = route.allowance(self.values)
        return self._allowances[route.allowance]

    def beside(self, values: Values) -> Setting:
        """The same with further values, computed from its own."""
        return replace(self, values={**self.values, **values}, _allowances={})


def label(configuration: Configuration) -> str:
    """A configuration as a key."""
    return repr(sorted(configuration.items()))


@dataclass(frozen=True)
class Scope:
    """What may stand in the configurations of a route: the part's parameters, their sizes, what the route declares
    beside them, and numbers and names that its simulation takes as they are.

    plain: the arguments of the simulation, each with whether a text may be one.
    """

    where: str
    domains: Mapping[str, Domain]
    relations: tuple[Relation, ...]
    plain: Mapping[str, bool]

    @classmethod
    def of(cls, claim: Claim, part: Part, route: Route) -> Scope:
        """That of one route of one part."""
        where = f"[{claim.id}{':' + part.name if part.name else ''}] {route.name}"
        taken = inspect.signature(route.simulate).parameters.values()
        plain = {a.name: a.annotation is a.empty or "str" in str(a.annotation) for a in taken if a.name not in KEPT}
        return cls.over(where, part, route.parameters, route.relations, plain)

    @classmethod
    def over(
        cls,
        where: str,
        part: Part,
        parameters: Mapping[str, Domain] = NOTHING,
        relations: tuple[Relation, ...] = (),
        plain: Mapping[str, bool] = NOTHING,
    ) -> Scope:
        """That of a part, and what is declared beside it."""
        declared = {parameter.name: parameter.domain for parameter in part.parameters}
        # Each relation once: a second time would move last bits.
        tied = tuple(dict.fromkeys((*part.relations, *relations)))
        return cls(where, with_labels({**declared, **parameters}), tied, plain)

    def at(self, configuration: Configuration) -> Setting:
        """A configuration with its values. Raises ValueError, one line, where a scalar stands for no value."""
        try:
            return Setting(configuration, materialise(configuration, self.domains, self.relations))
        except InvalidParameterError as error:
            raise ValueError(f"{self.where}: {error}") from None

    def declares(self, name: str, field: str, *, as_text: bool) -> None:
        """Raise ValueError, naming the field, for a parameter that nothing declares, or not `as_text`."""
        if name in self.domains or self.plain.get(name, False) or (name in self.plain and not as_text):
            return
        what = "it is an array, or a number, of the simulation" if name in self.plain else "nothing takes it"
        raise ValueError(
            f"{self.where}: {field}: no domain declares {name!r}; {what}: declare it in the route's `parameters`"
        )

    def require(self, configurations: Iterable[Configuration], field: str) -> None:
        """Raise ValueError, naming the field, for a configuration that holds what nothing declares or nothing makes."""
        for configuration in configurations:
            for name, member in configuration.items():
                self.declares(name, field, as_text=isinstance(member, str))
            try:
                check_members(configuration, self.domains)
            except InvalidParameterError as error:
                raise ValueError(f"{self.where}: {field}: {error}") from None
