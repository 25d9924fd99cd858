"""A paper's figures: theory lines, simulated points with intervals, one status each, resumable at any size."""

from lazy_assay.checks.procedures.figures._declaration import Drawn, Line, Trained
from lazy_assay.checks.procedures.figures._findings import Findings
from lazy_assay.checks.procedures.figures._frame import Frame
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.procedures.figures._procedure import Points
from lazy_assay.checks.procedures.figures._training import Training

__all__ = ["Drawn", "Findings", "Frame", "Line", "Options", "Points", "Trained", "Training"]
