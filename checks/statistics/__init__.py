"""Statistics of a confrontation: confidence sequences, slopes, effects, error-rate accounting, planning.

Imports numpy alone; scipy is imported by the functions that need it.
"""

from checks.statistics.accounting import ErrorRates
from checks.statistics.asymptotic import AsymptoticSequence
from checks.statistics.betting import BettingSequence
from checks.statistics.effect import PairedEffect, paired_effect
from checks.statistics.planning import detectable, draws_needed
from checks.statistics.sequence import ConfidenceSequence
from checks.statistics.slope import Slope, log_log_slope

__all__ = [
    "AsymptoticSequence",
    "BettingSequence",
    "ConfidenceSequence",
    "ErrorRates",
    "PairedEffect",
    "Slope",
    "detectable",
    "draws_needed",
    "log_log_slope",
    "paired_effect",
]
