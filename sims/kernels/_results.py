"""What limiting kernels are handed out as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Kernels:
    """Both kernels, of shape (..., n, m) each: covariances of the outputs, and inner products of their gradients."""

    nngp: Tensor
    ntk: Tensor
