"""How much work a run may do: `quick` in CI and at the desk, `full` before a release, `nightly` with fresh entropy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Budgets are numbers of trials (deterministic); `guard` is a time limit in seconds for one check, and only a
    guard.

    examples: configurations that a search draws for one route. targeted: whether the search climbs towards suspects.
    thorough: whether every combination is tried where a quick run takes turns.
    search_trials, confirm_trials: draws spent at most on one configuration, in the search and in its confirmation.
    seeds: independent repetitions of an observation or a sweep.
    """

    name: str
    examples: int
    targeted: bool
    search_trials: int
    confirm_trials: int
    seeds: int
    guard: float
    thorough: bool = True


PROFILES: Mapping[str, Profile] = {
    "quick": Profile(
        name="quick",
        examples=5,
        targeted=False,
        search_trials=12_000,
        confirm_trials=48_000,
        seeds=12,
        guard=60,
        thorough=False,
    ),
    "full": Profile(
        name="full", examples=25, targeted=True, search_trials=24_000, confirm_trials=96_000, seeds=30, guard=240
    ),
    "nightly": Profile(
        name="nightly",
        examples=150,
        targeted=True,
        search_trials=40_000,
        confirm_trials=160_000,
        seeds=100,
        guard=3_600,
    ),
}

# From the least to the largest.
ORDER = tuple(PROFILES)
# A figure's profile is called by its size, and decides what `full` decides.
SIZE = "size "


def rank(profile: str) -> int:
    """How large a profile is among the named ones: a figure's as `full`, any other as the least."""
    named = "full" if profile.startswith(SIZE) else profile
    return ORDER.index(named) if named in ORDER else 0


def reaches(profile: str, least: str) -> bool:
    """Whether a profile is `least`, or a larger one."""
    return rank(profile) >= rank(least)
