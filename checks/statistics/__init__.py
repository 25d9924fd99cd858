"""Statistics of a confrontation: confidence sequences, slopes, effects, error-rate accounting, planning.

Imports numpy alone; scipy is imported by the functions that need it.
"""

from lazy_assay.checks.statistics.accounting import ErrorRates
from lazy_assay.checks.statistics.asymptotic import AsymptoticSequence
from lazy_assay.checks.statistics.betting import BettingSequence
from lazy_assay.checks.statistics.effect import PairedEffect, paired_effect
from lazy_assay.checks.statistics.nonnegative import least_mean
from lazy_assay.checks.statistics.planning import detectable, draws_needed, median_seeds, seeds_needed, share_told
from lazy_assay.checks.statistics.quantile import HALF, median_interval, quantile_interval, values_at_least
from lazy_assay.checks.statistics.sequence import ConfidenceSequence
from lazy_assay.checks.statistics.slope import Slope, ahead, drifts, log_log_slope, slopes, spread

__all__ = [
    "HALF",
    "AsymptoticSequence",
    "BettingSequence",
    "ConfidenceSequence",
    "ErrorRates",
    "PairedEffect",
    "Slope",
    "ahead",
    "detectable",
    "draws_needed",
    "drifts",
    "least_mean",
    "log_log_slope",
    "median_interval",
    "median_seeds",
    "paired_effect",
    "quantile_interval",
    "seeds_needed",
    "share_told",
    "slopes",
    "spread",
    "values_at_least",
]
