"""The coordinate check with a verdict: do a network's sizes grow with its width as its parameterisation promises?

from lazy_assay import scaling
scaling(model, data, optimiser=adam, widths=(64, 128, 256, 512, 1024), table="mup").require()
"""

from lazy_assay.checks.scaling.judge import Row, Scaling, scaling
from lazy_assay.checks.scaling.tables import TABLES, Table

__all__ = ["TABLES", "Row", "Scaling", "Table", "scaling"]
