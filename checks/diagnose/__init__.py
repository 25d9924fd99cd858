"""Why does a network not follow its tangent kernel? How lazy it is, and what makes it depart, with intervals.

from lazy_assay import diagnose
print(diagnose(factory, x, y, step_size=0.1, steps=200))
"""

from lazy_assay.checks.diagnose.judge import diagnose
from lazy_assay.checks.diagnose.record import Diagnosis, Line

__all__ = ["Diagnosis", "Line", "diagnose"]
