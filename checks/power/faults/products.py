"""Products of matrices as TF32 makes them: operands of ten bits after the point, on any device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Bits of the significand, the leading one counted.
BITS = 11
PRODUCTS = ("mm", "bmm", "addmm", "baddbmm", "mv", "dot", "linear", "matmul")


def rounded(tensor: Any) -> Any:
    """A tensor at the precision of TF32; what is no tensor of floats as it is."""
    import torch

    if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point():
        return tensor
    mantissa, exponent = torch.frexp(tensor)
    return torch.ldexp(torch.round(mantissa * 2**BITS), exponent - BITS).to(tensor.dtype)


@contextmanager
def tensor_float32() -> Iterator[None]:
    """Every product of matrices of rounded operands."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Rounding(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = func.overloadpacket.__name__
            return func(*(map(rounded, args) if name in PRODUCTS else args), **(kwargs or {}))

    with Rounding():  # type: ignore[no-untyped-call]
        yield
