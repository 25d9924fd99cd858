"""Records a forward pass as it runs, operator by operator: what `torch` itself is asked to compute, hooks included.

The module runs as a user would run it, on the data, in float64; a dispatch mode sees each operator with its arguments
and results, below modules, hooks, parametrisations, autocast and whatever else decides what is called. `_memory` knows
which values its tensors hold, `_operators` what it does. Where either does not, its results are unknown, and only what
reads them is refused.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from lazy_assay.sims.modules.errors import BRANCHES, DRAWS
from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.tracing.call import STORAGE, Call
from lazy_assay.sims.rank.tracing.memory import (
    UNWRITTEN,
    Known,
    Memory,
    NotUnderstoodError,
    Operand,
    Tape,
    UnknownError,
)
from lazy_assay.sims.rank.tracing.operators import RULES

# They move entries, or fill in zeros: run on the entries' numbers, they tell where each comes from.
MOVES = frozenset({
    "clone", "cat", "stack", "index_select", "index", "gather", "take", "take_along_dim", "flip", "roll", "repeat",
    "repeat_interleave", "constant_pad_nd", "tril", "triu", "reflection_pad1d", "reflection_pad2d", "replication_pad1d",
    "replication_pad2d", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "im2col", "expand_copy", "view_copy",
    "permute_copy", "narrow_copy", "unfold_copy", "select_scatter", "slice_scatter", "index_put_", "index_put",
})  # fmt: skip
# They round nothing, so that of constants they make constants.
CHOICES = frozenset({"masked_fill", "masked_fill_", "where"})
# What is looked up in a table of weights are entries of it, which samples may share.
LOOKED_UP = frozenset({"index", "index_select", "take_along_dim", "gather"})
FROM_SHAPE = frozenset({"zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full"})
OVERWRITING = ("copy_", "fill_", "zero_")
EMPTY = frozenset({"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted"})
CONSTANT = Known()
# What takes numbers out of torch, where no operator is seen.
LEAVING = {
    getattr(torch.Tensor, name)
    for name in ("numpy", "tolist", "__array__", "data_ptr", "untyped_storage", "__dlpack__", "storage", "__deepcopy__")
}


RMS = {torch.rms_norm, nn.functional.rms_norm}


def _without_epsilon(args: Any, kwargs: Mapping[str, Any]) -> bool:
    return kwargs.get("eps", args[3] if len(args) > 3 else None) is None


class Leaving(TorchFunctionMode):
    """Notes a call that takes a tensor's numbers out of torch."""

    def __init__(self, recorder: Recorder, precise: bool = True) -> None:
        super().__init__()
        self.recorder, self.precise = recorder, precise

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in LEAVING:
            self.recorder.stop(f"the numbers of a tensor leave torch (by {func.__name__})")
        if func in RMS and not self.precise and _without_epsilon(args, kwargs or {}):
            self.recorder.stop(
                "rms_norm without eps takes that of the precision, which is read as float64; give it one"
            )
        return func(*args, **(kwargs or {}))


class Recorder(TorchDispatchMode):
    """What a forward pass does. uses: how often an operator reads each parameter; features: what torch itself computed
    for the input of each affine map."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Torch would load its compiler, in seconds, to keep it from this mode."""
        return False

    def __init__(self, module: nn.Module, weights: Mapping[str, tuple[torch.Tensor, ...]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names = {id(layer): name for name, layer in module.named_modules()}
        self.tape = Tape()
        self.memory = Memory(self.tape, weights)
        self.uses: Counter[str] = Counter()
        self.features: dict[int, np.ndarray] = {}
        self.stopped = ""

    def start(self, data: torch.Tensor, *others: torch.Tensor) -> None:
        """The data are value 0; whole numbers, and further inputs, are constants."""
        self.tape.shapes.append(tuple(data.shape))
        if data.is_floating_point():
            self.memory.fresh(data, 0)
        for tensor in others if data.is_floating_point() else (data, *others):
            self.memory.constant(tensor)

    def stop(self, reason: str) -> None:
        """The pass cannot be judged, also where the module's code catches this error."""
        self.stopped = self.stopped or f"{reason} (at {self._place()})"
        raise NoVerdictError(self.stopped)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        names = [argument.name for argument in func._schema.arguments]
        given = {**dict(zip(names, args, strict=False)), **(kwargs or {})}
        tensors = _tensors(given.values())
        # Before it runs: what is there now are the numbers that it reads.
        for tensor in tensors:
            self.memory.of(tensor)
        sizes = [tensor.untyped_storage().nbytes() for tensor in tensors]
        result = func(*args, **(kwargs or {}))
        if any(tensor.layout is not torch.strided for tensor in _tensors([result])):
            self.stop(f"unsupported operator: {_name(func)}, whose result is not dense")
        if sizes != [tensor.untyped_storage().nbytes() for tensor in tensors]:
            self.stop(f"{_name(func)} changes the size of memory")
        self._note(func, given, tensors, result)
        return result

    def _note(self, func: Any, given: Mapping[str, Any], tensors: list[torch.Tensor], result: Any) -> None:
        written = _tensors(given[a.name] for a in func._schema.arguments if _writes(a) and a.name in given)
        outputs = result if isinstance(result, (list, tuple)) else [result]
        found = _tensors(outputs)
        if found and not written and all(self.memory.has(tensor) for tensor in found):
            return  # Views, which need no rule.
        self.tape.place = self._place()
        self.uses.update({self.memory.of(tensor).weight for tensor in tensors} - {""})
        if not found and not written:
            self._left(func, tensors, result)
            return
        for tensor in written:
            if not _among(tensor, found):
                self.memory.forget(tensor, f"what {_name(func)} wrote")
        values = self._values(func, given, tensors, outputs)
        for tensor, value in zip(outputs, values, strict=True):
            if isinstance(tensor, torch.Tensor) and (_among(tensor, written) or not self.memory.has(tensor)):
                self._keep(tensor, value, _among(tensor, written))

    def _values(self, func: Any, given: Mapping[str, Any], tensors: list[torch.Tensor], outputs: Any) -> list[Any]:
        """For each result the number of a value, that it is known, or a reason why nothing is known."""
        try:
            found = self._understood(func, given, tensors, outputs)
        except UnknownError as error:
            found = str(error)
        except NotUnderstoodError as error:
            found = f"unsupported operator: {_name(func)} with {error} (at {self._place()})"
        several = found[: len(outputs)] if isinstance(found, tuple) else (found,) * len(outputs)
        return [f"a further result of {_name(func)}" if value is None else value for value in several]

    def _understood(self, func: Any, given: Mapping[str, Any], tensors: list[torch.Tensor], outputs: Any) -> Any:
        name, base = _name(func), _name(func).rstrip("_")
        if func.namespace != "aten":
            return f"unsupported operator: {func._schema.name} (at {self._place()})"
        if name in EMPTY:
            return UNWRITTEN
        if torch.Tag.nondeterministic_seeded in func.tags and base not in RULES:
            return f"{DRAWS} ({name} at {self._place()})"
        if name in FROM_SHAPE or not tensors:
            return CONSTANT
        call = Call(func, given, outputs, self.tape, self.memory)
        if name in OVERWRITING:
            return self._overwritten(call)
        into = {a.name for a in func._schema.arguments if _writes(a) and a.kwarg_only}
        read = _tensors(value for argument, value in given.items() if argument not in into)
        operands = [self.memory.read(tensor) for tensor in read]
        alone = all(operand.value is None for operand in operands)
        precise = name == "_to_copy" and alone and _is_exact(operands[0].constant, call.outputs[0])
        exact = name in MOVES or name in CHOICES or precise or not any(t.is_floating_point() for t in _tensors(outputs))
        weight = next((operand.weight for operand in operands if operand.weight), "")
        if alone and exact and not (weight and name in LOOKED_UP):
            return Known(weight)
        if name in MOVES or base in MOVES:
            return self._moved(call)
        rule = RULES.get(base)
        if rule is None:
            return f"unsupported operator: {name} (at {self._place()})"
        found = rule(call)
        call.finished()
        if isinstance(found, int) and isinstance(self.tape.operation(found), p.Affine):
            read = given["mat1"] if "mat1" in given else given["self"]
            self.features[found] = read.detach().clone().numpy()
        return found

    def _overwritten(self, call: Call) -> Any:
        """copy_, fill_, zero_: what was there is not read."""
        call.take("self")
        name = {"copy_": "src", "fill_": "value"}.get(_name(call.function))
        source = call.needed(name) if name else Operand((), constant=torch.zeros((), dtype=torch.float64))
        held = self.memory.of(call.outputs[0])
        whole = call.outputs[0].numel() == held.size
        if source.value is None and (held.snapshot is not None or whole):
            return Known(source.weight or ("" if whole else held.weight))
        if source.constant is not None and held.dtype != torch.float64:
            return f"a copy into {held.dtype}"
        value = call.as_value(source)
        shape = self.tape.shapes[value]
        index = np.arange(1, 1 + math.prod(shape)).reshape(shape)
        call.finished()
        return self.tape.moved((value,), np.broadcast_to(index, call.shape), call.shape)

    def _moved(self, call: Call) -> int:
        """The same operator on the entries' numbers says where each entry of the result comes from."""
        if call.arguments.get("value", 0) != 0 and _name(call.function) == "constant_pad_nd":
            raise NotUnderstoodError(f"value={call.arguments['value']}")
        if call.arguments.get("accumulate"):
            raise NotUnderstoodError("accumulate=True")
        inputs: list[int] = []
        numbered = {name: self._numbered(call, given, inputs) for name, given in call.arguments.items()}
        try:
            index = _run(call.function, numbered)
        except (RuntimeError, IndexError, TypeError) as error:
            raise NotUnderstoodError(" ".join(str(error).split())[:80]) from None
        return self.tape.moved(tuple(inputs), index.numpy().astype(np.int64), call.shape)

    def _numbered(self, call: Call, given: Any, inputs: list[int]) -> Any:
        """Floats by their numbers among all inputs' entries, as float64; whole numbers as they are, if constant."""
        if isinstance(given, (list, tuple)):
            return [self._numbered(call, each, inputs) for each in given]
        if not isinstance(given, torch.Tensor):
            return given
        operand = self.memory.read(given)
        if not given.is_floating_point():
            if operand.constant is None or operand.weight:
                raise NotUnderstoodError(f"places that depend on {'weights' if operand.weight else 'the data'}")
            return operand.constant
        before = sum(math.prod(self.tape.shapes[value]) for value in inputs)
        inputs.append(call.as_value(operand))
        entries = torch.arange(before + 1, before + 1 + given.numel(), dtype=torch.float64)
        return entries.view(given.shape)

    def _keep(self, tensor: torch.Tensor, value: Any, written: bool) -> None:
        """Note what a result holds."""
        if isinstance(value, Known):
            self.memory.constant(tensor, value.weight)
        elif isinstance(value, str):
            self.memory.forget(tensor, value)
        elif tensor.dtype != torch.float64 or self.tape.shapes[value] != tuple(tensor.shape):
            self.memory.forget(tensor, f"a change of precision to {tensor.dtype} (at {self._place()})")
        elif written:
            self.memory.write(tensor, value)
        else:
            self.memory.fresh(tensor, value)

    def _left(self, func: Any, tensors: list[torch.Tensor], result: Any) -> None:
        """Plain numbers that come out of torch: refused unless they come from constants that are no weights."""
        held = [self.memory.of(tensor) for tensor in tensors]
        if result is not None and any(each.snapshot is None or each.weight for each in held):
            self.stop(f"{BRANCHES}: a number is read off values by {_name(func)}")

    def _place(self) -> str:
        """The innermost module that runs: `layers.2 (ReLU)`."""
        frame = sys._getframe(1)
        while frame is not None:
            layer = frame.f_locals.get("self") if frame.f_code.co_argcount else None
            if isinstance(layer, nn.Module) and id(layer) in self.names:
                return f"{self.names[id(layer)]} ({type(layer).__name__})".lstrip()
            frame = frame.f_back  # type: ignore[assignment]
        return "the module"


def _is_exact(before: torch.Tensor | None, after: torch.Tensor) -> bool:
    """Whether a conversion of constants has changed no number."""
    if before is None or before.is_complex() or after.is_complex():
        return False
    whole = not before.is_floating_point() and bool((before.to(torch.float64).abs() > 2.0**53).any())
    return not whole and torch.equal(before.to(torch.float64), after.detach().to(torch.float64))


def _run(func: Any, arguments: Mapping[str, Any]) -> torch.Tensor:
    """An operator by its schema's names."""
    plain = [arguments[a.name] for a in func._schema.arguments if not a.kwarg_only and a.name in arguments]
    named = {a.name: arguments[a.name] for a in func._schema.arguments if a.kwarg_only and a.name in arguments}
    named = {name: value for name, value in named.items() if name not in (*STORAGE, "dtype")}
    return func(*plain, **named)  # type: ignore[no-any-return]


def _name(func: Any) -> str:
    return str(func._schema.name.rpartition("::")[2])


def _writes(argument: Any) -> bool:
    return argument.alias_info is not None and argument.alias_info.is_write


def _tensors(values: Any) -> list[torch.Tensor]:
    """All tensors among values, those in lists too."""
    found: list[torch.Tensor] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _tensors(value)
    return found


def _among(tensor: Any, others: list[torch.Tensor]) -> bool:
    return any(tensor is other for other in others)
