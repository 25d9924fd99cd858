"""Where theory and simulations meet, and the language of check files.

`confront` runs one claim's checks in this process and returns its results; every other name is what a check file
declares with. Names are loaded on first use: every pytest run on a machine that has Assay imports this file.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lazy_assay.checks.configurations import datasets as datasets
    from lazy_assay.checks.configurations.datasets import DataAbsentError as DataAbsentError
    from lazy_assay.checks.configurations.datasets import DataSets as DataSets
    from lazy_assay.checks.configurations.datasets import Images as Images
    from lazy_assay.checks.configurations.datasets import subset as subset
    from lazy_assay.checks.configurations.typed import Typed as Typed
    from lazy_assay.checks.executors.confront import confront as confront
    from lazy_assay.checks.procedures.balances import Balances as Balances
    from lazy_assay.checks.procedures.certificates import Case as Case
    from lazy_assay.checks.procedures.certificates import Certificate as Certificate
    from lazy_assay.checks.procedures.certificates import Certificates as Certificates
    from lazy_assay.checks.procedures.effects import Contrast as Contrast
    from lazy_assay.checks.procedures.effects import Effects as Effects
    from lazy_assay.checks.procedures.effects import telling as telling
    from lazy_assay.checks.procedures.extrapolated import Extrapolated as Extrapolated
    from lazy_assay.checks.procedures.figures import Drawn as Drawn
    from lazy_assay.checks.procedures.figures import Findings as Findings
    from lazy_assay.checks.procedures.figures import Frame as Frame
    from lazy_assay.checks.procedures.figures import Line as Line
    from lazy_assay.checks.procedures.figures import Options as Options
    from lazy_assay.checks.procedures.figures import Points as Points
    from lazy_assay.checks.procedures.figures import Trained as Trained
    from lazy_assay.checks.procedures.figures import Training as Training
    from lazy_assay.checks.procedures.figures._trajectory import Outcome as Outcome
    from lazy_assay.checks.procedures.means import Control as Control
    from lazy_assay.checks.procedures.means import Means as Means
    from lazy_assay.checks.procedures.pointwise import Pointwise as Pointwise
    from lazy_assay.checks.procedures.pointwise import predicted as predicted
    from lazy_assay.checks.procedures.spread import Spread as Spread
    from lazy_assay.checks.procedures.sweep import Sweep as Sweep
    from lazy_assay.checks.statistics.nonnegative import least_mean as least_mean
    from lazy_assay.checks.statistics.signs import kept_mean as kept_mean
    from lazy_assay.checks.statistics.signs import kept_signs as kept_signs
    from lazy_assay.checks.statistics.student import student_interval as student_interval
    from lazy_assay.checks.vocabulary.check import Check as Check
    from lazy_assay.checks.vocabulary.check import Clock as Clock
    from lazy_assay.checks.vocabulary.check import Expected as Expected
    from lazy_assay.checks.vocabulary.check import Fine as Fine
    from lazy_assay.checks.vocabulary.check import Resolution as Resolution
    from lazy_assay.checks.vocabulary.check import Route as Route
    from lazy_assay.checks.vocabulary.check import Values as Values
    from lazy_assay.checks.vocabulary.context import Context as Context
    from lazy_assay.checks.vocabulary.result import Result as Result
    from lazy_assay.checks.vocabulary.result import Scalar as Scalar
    from lazy_assay.checks.vocabulary.result import Subject as Subject
    from lazy_assay.checks.vocabulary.result import Tolerance as Tolerance
    from lazy_assay.checks.vocabulary.result import Verdict as Verdict
    from lazy_assay.checks.vocabulary.setting import Configuration as Configuration
    from lazy_assay.checks.vocabulary.setting import Scope as Scope
    from lazy_assay.checks.vocabulary.setting import Setting as Setting
    from lazy_assay.checks.vocabulary.space import Between as Between
    from lazy_assay.checks.vocabulary.space import Draw as Draw
    from lazy_assay.checks.vocabulary.space import Members as Members
    from lazy_assay.checks.vocabulary.space import OneOf as OneOf
    from lazy_assay.checks.vocabulary.space import Ratio as Ratio
    from lazy_assay.checks.vocabulary.space import Space as Space

_NAMES = {
    "vocabulary.check": ("Check", "Clock", "Expected", "Fine", "Resolution", "Route", "Values"),
    "configurations.typed": ("Typed",),
    "executors.confront": ("confront",),
    "vocabulary.context": ("Context",),
    "configurations.datasets": ("DataAbsentError", "DataSets", "Images", "subset"),
    "procedures.balances": ("Balances",),
    "procedures.certificates": ("Case", "Certificate", "Certificates"),
    "procedures.effects": ("Contrast", "Effects", "telling"),
    "procedures.extrapolated": ("Extrapolated",),
    "procedures.means": ("Control", "Means"),
    "procedures.pointwise": ("Pointwise", "predicted"),
    "procedures.spread": ("Spread",),
    "procedures.sweep": ("Sweep",),
    "procedures.figures._trajectory": ("Outcome",),
    "statistics.nonnegative": ("least_mean",),
    "statistics.signs": ("kept_mean", "kept_signs"),
    "statistics.student": ("student_interval",),
    "vocabulary.result": ("Result", "Scalar", "Subject", "Tolerance", "Verdict"),
    "vocabulary.setting": ("Configuration", "Scope", "Setting"),
    "vocabulary.space": ("Between", "Draw", "Members", "OneOf", "Ratio", "Space"),
    "procedures.figures": ("Drawn", "Findings", "Frame", "Line", "Options", "Points", "Trained", "Training"),
}
# A module as a whole.
_MODULES = {"datasets": "lazy_assay.checks.configurations.datasets"}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A name of the language on first use: a check's declarations must not load Hypothesis or torch."""
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _HOMES:
        return getattr(importlib.import_module(f"lazy_assay.checks.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'lazy_assay.checks' has no attribute {name!r}; it has {', '.join(sorted(_HOMES))}")


def __dir__() -> list[str]:
    return sorted(_HOMES)
