"""What the memory of a running network holds, in terms of the values recorded so far.

Every tensor is a strided view of some memory, and a write through one view shows through all others. So values are kept
by memory, not by tensor: a read takes the entries under the tensor's own strides, a write puts entries under them. No
operator that makes views needs a rule, and nothing written in place can be missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from lazy_assay.sims.rank import program as p

Array = np.ndarray
Layout = tuple[tuple[int, ...], tuple[int, ...], int]
UNWRITTEN = "memory that nothing was written into"


class NotUnderstoodError(Exception):
    """A call is not understood; the message says what of it. Its results are then unknown."""


class UnknownError(NotUnderstoodError):
    """What a call reads is unknown already; the message says why, as a whole."""


@dataclass
class Tape:
    """The steps recorded, and the shape of each value; `place` says where in the module the next one stands.

    weighted: for affine maps and normalisations, the tensors that their two arrays come from.
    """

    steps: list[p.Step] = field(default_factory=list)
    weighted: dict[int, tuple[Operand | None, Operand | None]] = field(default_factory=dict)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    place: str = ""

    def step(self, operation: p.Operation, inputs: tuple[int, ...], shape: tuple[int, ...]) -> int:
        """The number of a new value."""
        self.steps.append(p.Step(operation, inputs, self.place))
        self.shapes.append(tuple(shape))
        return len(self.steps)

    def operation(self, number: int) -> p.Operation | None:
        """What made a value; None for the data."""
        return self.steps[number - 1].operation if number else None

    def moved(self, inputs: tuple[int, ...], index: Array, shape: tuple[int, ...]) -> int:
        """Entries of values, one value after another and counted from 1 (0: the number 0); at best nothing moves."""
        flat = np.ascontiguousarray(index, dtype=np.int64).ravel()
        if len(inputs) == 1 and _in_order(flat, self.shapes[inputs[0]]):
            same = self.shapes[inputs[0]] == tuple(shape)
            return inputs[0] if same else self.step(p.Reshape(tuple(shape)), inputs, shape)
        return self.step(p.Gather(flat, tuple(shape)), inputs, shape)


def _in_order(index: Array, shape: tuple[int, ...]) -> bool:
    return index.size == int(np.prod(shape)) and bool((index == np.arange(1, index.size + 1)).all())


@dataclass(frozen=True)
class Operand:
    """A tensor argument: the number of a value, or numbers that were there before the data.

    weight: the parameter that a constant is read from, or made of; whole: whether it is every entry of it, as it is.
    """

    shape: tuple[int, ...]
    value: int | None = None
    constant: torch.Tensor | None = None
    weight: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Known:
    """A result that holds numbers which were there before the data, made of a weight, perhaps."""

    weight: str = ""


@dataclass
class Held:
    """One memory of `size` elements: a snapshot (constants), or a value and where its entries lie.

    made: whether constants are made of the weight, and are not it. layout: where, if the value lies there as a whole.
    entries: else, which entry each element holds, counted from 1; 0 where nothing was written.
    """

    size: int
    dtype: torch.dtype
    storage: torch.UntypedStorage
    snapshot: torch.Tensor | None = None
    weight: str = ""
    made: bool = False
    value: int | None = None
    layout: Layout | None = None
    entries: torch.Tensor | None = None
    unknown: str = ""
    read: dict[Layout, int] = field(default_factory=dict)


def layout(tensor: torch.Tensor) -> Layout:
    """Size, strides, offset."""
    return tuple(tensor.shape), tuple(tensor.stride()), int(tensor.storage_offset())


def _strided(entries: torch.Tensor, at: Layout) -> torch.Tensor:
    return entries.as_strided(*at)


class Memory:
    """All memories that were met. `weights`: the parameters by name; several tensors may hold one parameter's."""

    def __init__(self, tape: Tape, weights: Mapping[str, tuple[torch.Tensor, ...]]) -> None:
        self.tape = tape
        self.held: dict[tuple[int, int], Held] = {}
        self.weights = [
            (t.untyped_storage().data_ptr(), t.untyped_storage().nbytes(), name)
            for name, tensors in weights.items()
            for t in tensors
        ]

    def has(self, tensor: torch.Tensor) -> bool:
        """Whether this memory was met before."""
        return _key(tensor) in self.held

    def of(self, tensor: torch.Tensor) -> Held:
        """What is held; memory that is met for the first time holds constants."""
        return self.held.get(_key(tensor)) or self.constant(tensor)

    def constant(self, tensor: torch.Tensor, made_of: str = "") -> Held:
        """Its numbers as they are now are constants; `made_of` a weight, perhaps."""
        storage, dtype = tensor.untyped_storage(), tensor.dtype
        flat = torch.empty(0, dtype=dtype).set_(storage)
        own = self.weight(tensor)
        held = Held(flat.numel(), dtype, storage, snapshot=flat.clone(), weight=own or made_of, made=bool(made_of))
        return self._hold(tensor, held)

    def fresh(self, tensor: torch.Tensor, value: int) -> None:
        """A new memory that holds one value."""
        self._hold(tensor, _blank(tensor, value=value, layout=layout(tensor)))

    def forget(self, tensor: torch.Tensor, reason: str) -> None:
        """Nothing is known of its memory from here on."""
        self._hold(tensor, _blank(tensor, unknown=reason))

    def weight(self, tensor: torch.Tensor) -> str:
        """The parameter whose memory this is, however it was reached."""
        start = tensor.untyped_storage().data_ptr()
        end = start + tensor.untyped_storage().nbytes()
        return next((n for s, size, n in self.weights if start < s + size and s < end), "")

    def read(self, tensor: torch.Tensor) -> Operand:
        """The operand that a tensor is. Raises NotUnderstoodError."""
        held, at = self.of(tensor), layout(tensor)
        if held.unknown:
            raise UnknownError(held.unknown)
        if tensor.dtype != held.dtype or tensor.is_conj() or tensor.is_neg():
            raise NotUnderstoodError(f"numbers of {held.dtype} read in another way")
        if held.snapshot is not None:
            dense = tensor.is_contiguous() or (tensor.ndim == 2 and tensor.t().is_contiguous())
            whole = dense and tensor.numel() == held.size and not held.made
            return Operand(at[0], constant=_strided(held.snapshot, at), weight=held.weight, whole=whole)
        if at not in held.read:
            held.read[at] = self._moved(held, at)
        return Operand(at[0], value=held.read[at])

    def _moved(self, held: Held, at: Layout) -> int:
        assert held.value is not None
        if at == held.layout:
            return held.value
        index = _strided(self._index(held), at).numpy()
        if (index == 0).any():
            raise UnknownError(UNWRITTEN)
        return self.tape.moved((held.value,), index, at[0])

    def _index(self, held: Held) -> torch.Tensor:
        """Which entry of the value each element holds."""
        if held.entries is not None:
            return held.entries.clone()
        found = torch.zeros(held.size, dtype=torch.int64)
        if held.layout is not None and held.value is not None:
            count = int(np.prod(held.layout[0]))
            _strided(found, held.layout).copy_(torch.arange(1, count + 1).view(held.layout[0]))
        return found

    def write(self, tensor: torch.Tensor, value: int) -> None:
        """Put a value of the tensor's shape under its strides."""
        held, at = self.of(tensor), layout(tensor)
        if held.unknown not in ("", UNWRITTEN) and tensor.numel() < held.size:
            return
        if tensor.numel() == held.size or held.unknown == UNWRITTEN:
            self._hold(tensor, _blank(tensor, value=value, layout=at))
            return
        base = self._as_value(held)
        index, count = self._index(held), int(np.prod(self.tape.shapes[base]))
        entries = torch.arange(count + 1, count + 1 + tensor.numel()).view(at[0])
        _strided(index, at).copy_(entries)
        merged = self.tape.step(p.Gather(index.numpy(), (held.size,)), (base, value), (held.size,))
        entries = torch.where(index > 0, torch.arange(1, held.size + 1), 0)
        self._hold(tensor, _blank(tensor, value=merged)).entries = entries

    def _as_value(self, held: Held) -> int:
        if held.value is None:
            assert held.snapshot is not None
            numbers = exactly(held.snapshot)
            held.value = self.tape.step(p.Constant(numbers, bool(held.weight)), (), numbers.shape)
            held.layout, held.snapshot = ((held.size,), (1,), 0), None
        return held.value

    def _hold(self, tensor: torch.Tensor, held: Held) -> Held:
        self.held[_key(tensor)] = held
        return held


def _blank(tensor: torch.Tensor, *, value: int | None = None, layout: Layout | None = None, unknown: str = "") -> Held:
    storage = tensor.untyped_storage()
    size = storage.nbytes() // tensor.element_size()
    return Held(size, tensor.dtype, storage, value=value, layout=layout, unknown=unknown)


def _key(tensor: torch.Tensor) -> tuple[int, int]:
    """By address; memory without an address (no entries) by its object."""
    storage = tensor.untyped_storage()
    return (storage.data_ptr(), 0) if storage.data_ptr() else (0, storage._cdata)


def exactly(tensor: torch.Tensor) -> Array:
    """Constants as float64, exactly. Raises NotUnderstoodError where that is not possible, or not a real number."""
    if tensor.is_complex():
        raise NotUnderstoodError("complex numbers")
    numbers = tensor.detach().to(torch.float64)
    if not bool(torch.isfinite(numbers).all()):
        raise NotUnderstoodError("a constant that is infinite or NaN")
    if not tensor.is_floating_point() and tensor.dtype != torch.bool and bool((numbers.abs() > 2.0**53).any()):
        raise NotUnderstoodError("whole numbers beyond 2^53")
    return np.array(numbers.numpy())
