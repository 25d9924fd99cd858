"""Assay: claims about over-parameterised networks, simulated and confronted with two stated error rates.

`theory`, `sims` and `checks` are the folders at the top of the repository; what is installed is this one package. Every
name here is loaded when it is first asked for: torch only by what computes with it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lazy_assay import checks as checks
    from lazy_assay import sims as sims
    from lazy_assay import theory as theory
    from lazy_assay.checks import confront as confront
    from lazy_assay.checks import expect as expect
    from lazy_assay.checks.diagnose import diagnose as diagnose
    from lazy_assay.checks.scaling import scaling as scaling
    from lazy_assay.sims.analyticity import analyticity as analyticity
    from lazy_assay.sims.kernels import architecture as architecture
    from lazy_assay.sims.kernels.empirical import empirical_ntk as empirical_ntk
    from lazy_assay.sims.kernels.limiting import limiting_kernels as limiting_kernels
    from lazy_assay.sims.optimality import optimality_gap as optimality_gap
    from lazy_assay.sims.rank import certified_rank as certified_rank
    from lazy_assay.sims.two_phase import TwoPhase as TwoPhase
    from lazy_assay.theory import claim as claim
    from lazy_assay.theory import claims as claims
    from lazy_assay.theory import collection as collection
    from lazy_assay.theory._planning import plan as plan

_HOMES = {
    "analyticity": "sims.analyticity",
    "architecture": "sims.kernels.architecture",
    "certified_rank": "sims.rank",
    "claim": "theory",
    "claims": "theory",
    "collection": "theory",
    "confront": "checks",
    "diagnose": "checks.diagnose",
    "empirical_ntk": "sims.kernels.empirical",
    "expect": "checks.expect",
    "limiting_kernels": "sims.kernels.limiting",
    "optimality_gap": "sims.optimality",
    "plan": "theory._planning",
    "scaling": "checks.scaling",
    "TwoPhase": "sims.two_phase",
}
_MODULES = {"architecture", "expect"}
_FOLDERS = ("checks", "sims", "theory")

__all__ = [
    "TwoPhase",
    "analyticity",
    "architecture",
    "certified_rank",
    "checks",
    "claim",
    "claims",
    "collection",
    "confront",
    "diagnose",
    "empirical_ntk",
    "expect",
    "limiting_kernels",
    "optimality_gap",
    "plan",
    "scaling",
    "sims",
    "theory",
]


def __getattr__(name: str) -> Any:
    """A folder, or a name of the face, on first use."""
    if name in _FOLDERS:
        return importlib.import_module(f"lazy_assay.{name}")
    if name in _HOMES:
        home = importlib.import_module(f"lazy_assay.{_HOMES[name]}")
        return home if name in _MODULES else getattr(home, name)
    raise AttributeError(f"module 'lazy_assay' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
