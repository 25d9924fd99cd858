"""Whether torch's own forward pass agrees with the program that a proof is about: the last word before any proof.

A pass in float64 and the program's middles are both within the (loose) radii of the exact features, to first order in
the radii: each step passes on a difference by its slope and adds one rounding of its own for either. So they differ by
at most twice the radii, and where they differ by more, the program is not the network: no verdict.
"""

from __future__ import annotations

import numpy as np

from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.enclosures.enclosure import Float64
from lazy_assay.sims.rank.tracing.trace import Traced


def confirm(found: Traced, data: np.ndarray) -> None:
    """Raises NoVerdictError where torch's features lie outside."""
    told = found.program.run(Float64(loose=True), data)
    with np.errstate(all="ignore"):
        near = np.abs(found.features - told.middle) <= 2 * told.radius
    # Where nothing is known of an entry, nothing is proved from it either; what torch overflows in is no agreement.
    off = ~near & np.isfinite(told.radius) & np.isfinite(told.middle)
    if off.any():
        i, j = (int(k) for k in np.argwhere(off)[0])
        raise NoVerdictError(
            f"torch computes {found.features[i, j]:.17g} for feature {j} of sample {i}, the network as it was read "
            f"{told.middle[i, j]:.17g} ± {told.radius[i, j]:.1g}; something that it does was not seen"
        )
