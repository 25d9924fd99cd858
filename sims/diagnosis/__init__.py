"""A reader's own network beside its tangent model: what one seed of it measures, or why it cannot be said.

Nothing here knows what a number should be. Trained on the mean square by plain gradient descent on the whole batch, as
torch.nn.MSELoss and torch.optim.SGD would.
"""

from lazy_assay.sims.diagnosis.case import PARTS
from lazy_assay.sims.diagnosis.measured import HELD_OUT, LEFT, MEASURES, measured
from lazy_assay.sims.diagnosis.subject import DiagnosisError, Recipe, built, require_determined_by_seed

__all__ = [
    "HELD_OUT",
    "LEFT",
    "MEASURES",
    "PARTS",
    "DiagnosisError",
    "Recipe",
    "built",
    "measured",
    "require_determined_by_seed",
]
