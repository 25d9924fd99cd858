"""From a torch module and its data to a `Program`: recorded as it runs, up to its last linear layer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import functional_call

from lazy_assay.sims.modules.errors import CHANGES, running
from lazy_assay.sims.modules.outputs import tensors
from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.tracing.memory import NotUnderstoodError, Operand, Tape
from lazy_assay.sims.rank.tracing.recorder import Leaving, Recorder

Array = np.ndarray
Tensors = dict[str, torch.Tensor]
Inputs = tuple[torch.Tensor, ...]
# In evaluation, without gradients, torch may take these by a kernel of their own.
FUSED = (nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.TransformerEncoder)
FUSED_ROUNDING = 1e-10
OTHERWISE = (
    "torch's fused attention computes something else here than the layers as they are written, as with padding; "
    "torch.backends.mha.set_fastpath_enabled(False) turns it off"
)


@dataclass(frozen=True)
class Traced:
    """A network as recorded, and the features that torch itself computed in float64 on the way."""

    program: p.Program
    features: Array


def program(module: nn.Module, data: Array) -> p.Program:
    """The network that `module` computes on these data. Raises NoVerdictError: what is not understood, and where."""
    return traced(module, (torch.tensor(data),)).program


def traced(module: nn.Module, inputs: Inputs) -> Traced:
    """See `program`. inputs: of the forward pass, in float64 or of whole numbers; rows of the first are the samples."""
    recorder, output = _recorded(module, inputs)
    if recorder.stopped:
        raise NoVerdictError(recorder.stopped)
    _check_repeats(module, inputs, output)
    return _Ending(recorder, output, len(inputs[0])).traced()


def _recorded(module: nn.Module, inputs: Inputs) -> tuple[Recorder, Any]:
    """One pass, and what saw it."""
    weights, buffers = _copies(module)
    own = {name: (weights[name], parameter) for name, parameter in module.named_parameters()}
    recorder = Recorder(module, own)
    given = tuple(tensor.clone() for tensor in inputs)
    recorder.start(*given)
    with _unfused(), Leaving(recorder, _precise(module)), recorder:
        output = _run(module, weights, buffers, given)
    return recorder, output


def _precise(module: nn.Module) -> bool:
    """Whether the module's own precision is the one that it is read in."""
    return all(weight.dtype == torch.float64 for weight in module.parameters() if weight.is_floating_point())


@contextmanager
def _unfused() -> Iterator[None]:
    """Torch's attention as it is written, not by the kernel that takes whole layers in evaluation."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _copies(module: nn.Module) -> tuple[Tensors, Tensors]:
    """Parameters and buffers in float64, so that a pass leaves the module as it was.

    All parameters ask for gradients: without, torch may choose a fused operator in place of the written formula.
    """
    weights = {n: w.detach().cpu().to(torch.float64, copy=True).requires_grad_() for n, w in module.named_parameters()}
    buffers = {n: _in_float64(b.detach().cpu().clone()) for n, b in module.named_buffers()}
    return weights, buffers


def _in_float64(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to(torch.float64) if tensor.is_floating_point() else tensor


def _run(module: nn.Module, weights: Tensors, buffers: Tensors, inputs: Inputs) -> Any:
    """A forward pass. Raises ModuleError with what the module raises."""
    with running(), torch.random.fork_rng(devices=[]), torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return functional_call(module, (weights, buffers), inputs)


def _check_repeats(module: nn.Module, inputs: Inputs, output: Any) -> None:
    """A second pass, that nothing watches, must give the same bits; by a fused kernel, the same numbers."""
    tensors(output)
    if not isinstance(output, torch.Tensor):
        raise NoVerdictError(f"the module returns a {type(output).__name__}; wrap it so that it returns one tensor")
    if _same(again := _again(module, inputs), output):
        return
    with _unfused():
        written = _same(_again(module, inputs), output)
    if not written or not any(isinstance(layer, FUSED) for layer in module.modules()):
        raise NoVerdictError(CHANGES)
    if not _near(again, output):
        raise NoVerdictError(OTHERWISE)


def _again(module: nn.Module, inputs: Inputs) -> Any:
    return _run(module, *_copies(module), tuple(tensor.clone() for tensor in inputs))


def _same(again: Any, output: torch.Tensor) -> bool:
    same = isinstance(again, torch.Tensor) and again.shape == output.shape
    return same and torch.equal(again.nan_to_num(), output.nan_to_num())


def _near(again: Any, output: torch.Tensor) -> bool:
    if not isinstance(again, torch.Tensor) or again.shape != output.shape:
        return False
    return bool((again - output).abs().max() <= FUSED_ROUNDING * output.abs().max())


@dataclass
class _Ending:
    """Where the recorded network ends: in a linear layer, f = h W + b, whose input h are the features."""

    recorder: Recorder
    output: torch.Tensor
    samples: int

    @property
    def tape(self) -> Tape:
        return self.recorder.tape

    def traced(self) -> Traced:
        try:
            last = self._last(self.recorder.memory.read(self.output))
        except NotUnderstoodError as error:
            raise NoVerdictError(str(error)) from None
        (source,) = self.tape.steps[last - 1].inputs
        shape, layer = self.tape.shapes[source], self.tape.operation(last)
        assert isinstance(layer, p.Affine)
        if shape[0] != self.samples:
            raise NoVerdictError(
                f"the last linear layer reads {shape[0]} rows for {self.samples} samples; "
                "the features are one row a sample (flatten or average over positions first)"
            )
        made = p.Program(
            tuple(self.tape.steps),
            source,
            shape[1],
            layer.bias is not None,
            last_is_free=self._last_is_free(source),
            norms_are_free=all(
                self._free(*self.tape.weighted[i + 1])
                for i, step in enumerate(self.tape.steps)
                if isinstance(step.operation, p.Normalisation) and step.operation.absorbable
            ),
            shapes=tuple(self.tape.shapes),
        )
        return Traced(made, self.recorder.features[last])

    def _last(self, found: Operand) -> int:
        """The linear layer that the output is, in whatever shape. Raises NoVerdictError."""
        number = found.value
        while number and self._only_moves(number):
            (number,) = self.tape.steps[number - 1].inputs
        if not number or not self._is_layer(number):
            step = self.tape.steps[number - 1] if number else None
            told = f"{type(step.operation).__name__} at {step.name}" if step else "what does not depend on the data"
            raise NoVerdictError(f"the network must end in a linear layer, f = h W + b; it ends in {told}")
        return number

    def _is_layer(self, number: int) -> bool:
        """Affine, its weight and bias whole parameters."""
        if not isinstance(self.tape.operation(number), p.Affine):
            return False
        return all(operand.weight and operand.whole for operand in self.tape.weighted[number] if operand is not None)

    def _only_moves(self, number: int) -> bool:
        """Whether a step only brings all entries into another shape or order."""
        step = self.tape.steps[number - 1]
        match step.operation:
            case p.Reshape():
                return True
            case p.Gather(index) if len(step.inputs) == 1:
                return bool(np.array_equal(np.sort(index), np.arange(1, 1 + index.size))) and index.size == int(
                    np.prod(self.tape.shapes[step.inputs[0]])
                )
        return False

    def _last_is_free(self, features: int) -> bool:
        """Whether the last hidden layer, where there is one, has weights that nothing else reads."""
        step = self.tape.steps[features - 1] if features else None
        below = step.inputs[0] if step and step.inputs else 0
        return below > 0 and self._is_layer(below) and self._free(*self.tape.weighted[below])

    def _free(self, *operands: Operand | None) -> bool:
        names = [operand.weight for operand in operands if operand is not None]
        whole = all(operand.whole for operand in operands if operand is not None)
        single = all(self.recorder.uses[name] == 1 and not self._shares(name) for name in names)
        return whole and bool(names) and all(names) and len(set(names)) == len(names) and single

    def _shares(self, name: str) -> bool:
        """Whether another parameter lies in the same memory."""
        spans: dict[str, list[tuple[int, int]]] = {}
        for start, size, other in self.recorder.memory.weights:
            spans.setdefault(other, []).append((start, start + size))
        mine = spans[name]
        return any(a < d and c < b for other in spans if other != name for a, b in mine for c, d in spans[other])
