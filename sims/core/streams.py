"""Noise: one explicit generator a batch, keyed by a stable hash; no global seed anywhere."""

from __future__ import annotations

import ctypes
import hashlib
import json
import math
import operator
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.device import resolve
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

Scalar = str | int | float | bool | None

# torch's Mersenne twister keeps its 624 words, one in each 64-bit slot, from the fourth slot of its state on.
_STATE_BYTES, _FIRST_WORD, _WORDS = 5056, 3, 624


def stream_name(simulate: Callable[..., Any]) -> str:
    """The name of a simulation's noise: its module's `STREAM`, or that module's path in the package, then its own name.

    A module that moves keeps its draws by naming as STREAM the path that it had. A collection's begins with the
    collection's name, wherever its folder lies and however it is registered.
    """
    home = simulate.__module__.removeprefix("lazy_assay.").removeprefix("collections.")
    return f"{getattr(sys.modules[simulate.__module__], 'STREAM', home)}.{simulate.__name__}"


def stream_key(entropy: int, simulation: str, configuration: Mapping[str, Scalar], batch: int) -> int:
    """The 63-bit key of one batch's noise: equal on every machine, for every order of the configuration's entries."""
    content = [int(entropy), simulation, dict(configuration), int(batch)]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(entropy: int, device: Any = "cpu") -> Generator:
    """A generator that `entropy` alone determines: the device's own, or the CPU's for a device that has none."""
    try:
        made = torch.Generator(device=device)
    except RuntimeError:
        made = torch.Generator()
    key = operator.index(entropy)
    made.manual_seed(key)
    return _with_whole_key(made, key) if made.device.type == "cpu" else made


def _with_whole_key(made: Generator, entropy: int) -> Generator:
    """Fills the twister's words from the whole key: `manual_seed` on a CPU heeds the low 32 bits only."""
    state = made.get_state()
    if state.numel() != _STATE_BYTES:
        raise RuntimeError(
            f"a CPU generator's state is {state.numel()} bytes, not the {_STATE_BYTES} that are known here"
        )
    # By address, for `numpy()` is an operation that FakeTensorMode refuses on a state, which is never fake.
    slots = np.ctypeslib.as_array((ctypes.c_uint64 * (_STATE_BYTES // 8)).from_address(state.data_ptr()))
    slots[_FIRST_WORD : _FIRST_WORD + _WORDS] = np.random.SeedSequence(entropy).generate_state(_WORDS, np.uint32)
    made.set_state(state)
    return made


def normal(shape: tuple[int, ...], generator: Generator, device: Any, dtype: Any) -> Tensor:
    """Independent standard normals, drawn where the generator lives and moved to `device`."""
    if generator.device.type == "cpu" and dtype == torch.float64:
        return _box_muller(shape, generator).to(device)
    return torch.randn(shape, generator=generator, device=generator.device, dtype=dtype).to(device)


def _box_muller(shape: tuple[int, ...], generator: Generator) -> Tensor:
    """Pairs r cos t, r sin t with r² = −2 log(1 − u): twice as fast as torch's own, scalar in float64."""
    count = math.prod(shape)
    uniform = torch.rand((2, (count + 1) // 2), generator=generator, dtype=torch.float64)
    r, t = uniform[0].neg_().log1p_().mul_(-2).sqrt_(), uniform[1].mul_(2 * math.pi)
    pairs = torch.stack([torch.cos(t), torch.sin(t)]).mul_(r)
    return pairs.view(-1)[:count].view(shape)


@dataclass
class Stream:
    """The noise of one batch, and the device and dtype that its tensors live in."""

    entropy: int
    device: Any = "cpu"
    dtype: Any = "float64"
    generator: Generator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.device = resolve(self.device)
        self.dtype = getattr(torch, self.dtype) if isinstance(self.dtype, str) else self.dtype
        self.generator = generator(self.entropy, self.device)

    def normal(self, *shape: int) -> Tensor:
        """Standard normals of this shape, the next ones of the stream."""
        return normal(shape, self.generator, self.device, self.dtype)

    def uniform(self, *shape: int, half_width: float = 1.0) -> Tensor:
        """Uniform on (−half_width, half_width) of this shape, the next ones of the stream."""
        drawn = torch.rand(shape, generator=self.generator, device=self.generator.device, dtype=self.dtype)
        return drawn.to(self.device).mul_(2 * half_width).sub_(half_width)

    def constant(self, values: ArrayLike) -> Tensor:
        """A given array as a tensor of the stream's device and dtype."""
        given = torch.as_tensor(np.asarray(values, dtype=np.float64))
        # Not `to`: a fake tensor of one element remembers its number, and would be moved with it to a stand-in device.
        return torch.empty(given.shape, device=self.device, dtype=self.dtype).copy_(given)


def _plain(value: Any) -> Any:
    """numpy's scalars as Python's own; anything else cannot name a stream."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a configuration holds scalars only, not {type(value).__name__}: {value!r}")
