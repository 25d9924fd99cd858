"""Right claims, confronted thousands of times at an inflated level: each procedure refutes at most that share of them.

Each case is a right claim under one law of its draws, and calls the procedure's own confirmation with fresh entropies that
were fixed beforehand. The larger version is `benchmarks/null_confrontations.py`.
"""

import math
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom, norm

from lazy_assay.checks.ghorbani2019 import figure1_left, figure1_right
from lazy_assay.checks.procedures.comparison import Comparison
from lazy_assay.checks.procedures.effects import Contrast, Effects
from lazy_assay.checks.procedures.figures import _drawn, _falling, _trained
from lazy_assay.checks.procedures.figures._declaration import Drawn, Trained
from lazy_assay.checks.procedures.figures._training import Chain
from lazy_assay.checks.procedures.figures._trajectory import CONFIRMING, Trajectory
from lazy_assay.checks.procedures.means import Target
from lazy_assay.checks.procedures.spread import _Spreads
from lazy_assay.checks.procedures.sweep import Sweep
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Resolution, Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.setting import Scope
from lazy_assay.theory import Observation, Quantity, Rate

RUNS, LEVEL = 400, 0.05
ALLOWED = binom.isf(1e-6, RUNS, LEVEL)
# One claim with one confirmation: `strict` is the level itself. The search is not asked.
ALONE = ErrorRates(false_alarm=LEVEL, miss=1e-3, claims_cap=1, suspects_cap=1)
