"""What networks do: simulations in torch that know no theorem.

A simulation is a keyword-only function of this package's public modules: sizes and spectra in, raw draws out, one
independent trial a row. Nothing here imports torch before it is first needed: `torch` is loaded when it is first used.
"""

from lazy_assay.sims.core.batch import Batch, code_version, content_address, run
from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.device import DeviceNotFoundError
from lazy_assay.sims.core.moments import Moments
from lazy_assay.sims.core.streams import Stream, stream_key, stream_name
from lazy_assay.sims.core.torch import torch

__all__ = [
    "Batch",
    "DeviceNotFoundError",
    "Moments",
    "Stream",
    "chunk_sizes",
    "code_version",
    "content_address",
    "run",
    "stream_key",
    "stream_name",
    "torch",
]
