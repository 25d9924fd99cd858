"""Figure 2, left: RF, NT and NN on two Gaussian classes, by oracle and trained, at N from d/10 to 10 d."""

from lazy_assay.checks import Check, Expected, Frame, Points
from lazy_assay.checks.ghorbani2019 import _mixture_frames as frames
from lazy_assay.theory.ghorbani2019.figure2_left import CLAIM

FIGURE = Frame(
    claim=CLAIM,
    title="Two Gaussian classes: risk against the number of neurons",
    risk="risk E(y − f)²",
    spectra=frames.SPECTRA,
    parameters=frames.PARAMETERS,
    ratios=frames.RATIOS,
    smallest=5,
    floors=frames.FLOORS,
    series=(
        frames.RANDOM_FEATURES,
        frames.TANGENT,
        frames.NETWORK_BY_DESCENT,
        frames.TANGENT_BY_SGD,
        frames.NETWORK_BY_SGD,
    ),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Points(
            figure=FIGURE,
            ratios=(0.5, 2.0),
            size=lambda context: {"quick": 26, "full": 40}.get(context.profile.name, 64),
        ),
    ),
    expected={"": Expected(status="reproduced", reason="theorems 4, 5 and 6 at finite size", date="2026-11-22")},
)
