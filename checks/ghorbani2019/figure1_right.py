"""Figure 1, right: NT and NN by SGD at N = d/2, against the number of samples."""

from lazy_assay.checks import Check, Expected, Frame, Points
from lazy_assay.checks.ghorbani2019 import _quadratic_frames as frames
from lazy_assay.theory.ghorbani2019.figure1_right import CLAIM

FIGURE = Frame(
    claim=CLAIM,
    title="Quadratic target: risk against the number of samples, N = d/2",
    risk="risk / ‖f*‖²",
    spectra=frames.SPECTRA,
    ratios=(0.5,),
    checkpoints=8,
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
