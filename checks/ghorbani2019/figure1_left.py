"""Figure 1, left: RF with isotropic and with optimal weights, NT and NN at N from d/10 to 10 d."""

from lazy_assay.checks import Check, Expected, Frame, Points
from lazy_assay.checks.ghorbani2019 import _quadratic_frames as frames
from lazy_assay.theory.ghorbani2019.figure1_left import CLAIM

FIGURE = Frame(
    claim=CLAIM,
    title="Quadratic target: risk against the number of neurons",
    risk="risk / ‖f*‖²",
    spectra=frames.SPECTRA,
    ratios=frames.RATIOS,
    series=(
        frames.random_features_series("RF, Γ = I/d", "isotropic"),
        frames.random_features_series("RF, Γ ∝ B", "aligned"),
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
    expected={"": Expected(status="reproduced", reason="theorems 1, 2 and 3 at finite size", date="2026-11-22")},
)
