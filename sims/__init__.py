"""What networks do: simulations in torch that know no theorem.

A simulation is a keyword-only function of this package's public modules: sizes and spectra in, raw draws out, one
independent trial a row. Nothing here imports torch before it is first needed.
"""

from lazy_assay.sims.core.batch import Batch, code_version, content_address, run
from lazy_assay.sims.core.device import DeviceNotFoundError
from lazy_assay.sims.core.moments import Moments
from lazy_assay.sims.core.streams import stream_key, stream_name

__all__ = [
    "Batch",
    "DeviceNotFoundError",
    "Moments",
    "code_version",
    "content_address",
    "run",
    "stream_key",
    "stream_name",
]
