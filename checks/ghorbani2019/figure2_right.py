"""Figure 2, right: NT and NN on two Gaussian classes by SGD at N = d/2, against the number of samples."""

from lazy_assay.checks import Check, Expected, Frame, Points
from lazy_assay.checks.ghorbani2019 import _mixture_frames as frames
from lazy_assay.theory.ghorbani2019.figure2_right import CLAIM

FIGURE = Frame(
    claim=CLAIM,
    title="Two Gaussian classes: risk against the number of samples, N = d/2",
    risk="risk E(y − f)²",
    spectra=frames.SPECTRA,
    parameters=frames.PARAMETERS,
    ratios=(0.5,),
    checkpoints=8,
    smallest=5,
    floors=frames.FLOORS,
    series=(frames.TANGENT_BY_SGD, frames.NETWORK_BY_SGD),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Points(
            figure=FIGURE,
            ratios=FIGURE.ratios,
            size=lambda context: {"quick": 26, "full": 40}.get(context.profile.name, 64),
        ),
    ),
    expected={
        "": Expected(status="reproduced", reason="one-pass SGD settles at each class's least risk", date="2026-11-22")
    },
)
