"""Hypothesis draws the configurations; the noise of the simulations comes from keyed streams and not from here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from lazy_assay.checks.configurations.strategies import Domains, configurations
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Scalar
from lazy_assay.checks.vocabulary.space import Space

if TYPE_CHECKING:
    from hypothesis import settings

Configuration = Mapping[str, Scalar]
MOST_SUSPICIOUS = 1e9


def search(
    domains: Domains, space: Space, profile: Profile, *, key: int, visit: Callable[[Configuration], float]
) -> int:
    """Call `visit` on configurations drawn from `space`, at most `profile.examples` different ones; returns how many.

    `visit` returns a score that grows with suspicion. In targeted profiles Hypothesis climbs along it. What is drawn
    does not hang on what else is imported: see `strategies.whole`.
    """
    from hypothesis import given, seed, target

    seen: dict[str, float] = {}

    @seed(key)
    @_settings(profile)
    @given(configurations(domains, space))
    def one(configuration: dict[str, Scalar]) -> None:
        label = repr(sorted(configuration.items()))
        # Hypothesis executes more often than it is asked to; the count that matters is our own.
        if label not in seen and len(seen) < profile.examples:
            seen[label] = visit(configuration)
        if profile.targeted and label in seen:
            # A configuration that diverged, or ran out of time, has no number; Hypothesis takes finite ones only.
            target(seen[label] if math.isfinite(seen[label]) else MOST_SUSPICIOUS, label="suspicion")

    one()
    return len(seen)


def drawn(domains: Domains, space: Space, profile: Profile, *, key: int) -> list[Configuration]:
    """The configurations that a search which climbs nowhere visits, in its order."""
    found: list[Configuration] = []

    def keep(configuration: Configuration) -> float:
        found.append(configuration)
        return 0.0

    search(domains, space, replace(profile, targeted=False), key=key, visit=keep)
    return found


def _settings(profile: Profile) -> settings:
    from hypothesis import HealthCheck, Phase, Verbosity, settings

    phases = (Phase.generate, Phase.target) if profile.targeted else (Phase.generate,)
    return settings(
        max_examples=profile.examples * 2,
        phases=phases,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
