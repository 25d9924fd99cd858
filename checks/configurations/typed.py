"""Configurations of typed values: lists and data sets in a check file's own words, plain scalars in its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lazy_assay.checks.vocabulary.setting import Configuration
from lazy_assay.theory import Domain, plain


@dataclass(frozen=True)
class Typed:
    """What the configurations of a family of experiments hold, by name; a route declares the same `domains`."""

    domains: Mapping[str, Domain]

    def changed(self, configuration: Configuration, **values: Any) -> Configuration:
        """A configuration with other values, each written as its domain writes it.

        Raises InvalidParameterError, naming the parameter, for a value that its domain does not accept.
        """
        return {**configuration, **plain(values, self.domains)}

    def held(self, configuration: Configuration, name: str) -> Any:
        """The value that a configuration holds under a name."""
        return self.domains[name].make(configuration[name], configuration)
