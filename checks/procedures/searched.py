"""A search as a procedure runs it: climbing, or from a memory, where what is visited hangs on nothing that is tried."""

from __future__ import annotations

from collections.abc import Callable

from lazy_assay.checks.configurations.search import drawn, search
from lazy_assay.checks.configurations.strategies import Domains
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.setting import Configuration
from lazy_assay.checks.vocabulary.space import Space


def searched(
    context: Context,
    domains: Domains,
    space: Space,
    profile: Profile,
    *,
    key: int,
    visit: Callable[[Configuration], float],
) -> None:
    """Call `visit` on the configurations that a profile draws. With a memory they are drawn once, and none climbs."""
    if context.memory is None:
        search(domains, space, profile, key=key, visit=visit)
        return
    for configuration in context.remembered("searched", lambda: drawn(domains, space, profile, key=key)):
        visit(configuration)
