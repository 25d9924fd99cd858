"""A paper's figures: theory lines, simulated points with intervals, one status each, resumable at any size."""

from lazy_assay.checks.procedures.figures._declaration import Drawn, Figure, Line, Trained
from lazy_assay.checks.procedures.figures._procedure import Points
from lazy_assay.checks.procedures.figures._training import Training

__all__ = ["Drawn", "Figure", "Line", "Points", "Trained", "Training"]
