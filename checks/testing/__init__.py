"""Batteries: what every claim, check and simulation must pass, as classes to subclass in a test file.

    from lazy_assay.checks.testing import ClaimBattery

    class TestMine(ClaimBattery):
        claim = "paper.statement"

`assay validate` runs them without pytest. A battery's tests take no fixtures, and each failure is an AssertionError
with one line that names what fails.
"""

from lazy_assay.checks.testing._battery import Battery, Finding, findings
from lazy_assay.checks.testing._checks import CheckBattery
from lazy_assay.checks.testing._claims import ClaimBattery
from lazy_assay.checks.testing._simulations import SimulationBattery, simulations_in, standin
from lazy_assay.checks.testing._validation import validated

__all__ = [
    "Battery",
    "CheckBattery",
    "ClaimBattery",
    "Finding",
    "SimulationBattery",
    "findings",
    "simulations_in",
    "standin",
    "validated",
]
