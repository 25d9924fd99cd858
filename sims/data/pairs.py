"""Points in pairs: two of a given product, each pair orthogonal to the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor


def orthogonal(stream: Stream, pairs: int, correlation: float) -> Tensor:
    """2·pairs unit points in as many dimensions, one a row."""
    both = [[1.0, 0.0], [correlation, math.sqrt((1 - correlation) * (1 + correlation))]]
    one = torch.eye(pairs, device=stream.device, dtype=stream.dtype)
    return torch.kron(one, stream.constant(both))
