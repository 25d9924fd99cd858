"""A module at many points at once, each of them alone: torch.func.vmap knows whose numbers are whose."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.func import vmap

from lazy_assay.sims.modules.alone import pulled
from lazy_assay.sims.modules.capture import Call, Capture, OtherWaysError, patches, sensitivities
from lazy_assay.sims.modules.errors import ModuleError
from lazy_assay.sims.modules.features import Direct, Feature, Layer, channels_formed
from lazy_assay.sims.modules.outputs import together

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True)
class Way:
    """Parameters that are noted (by id, without gradients), their calls at one point, and all `others`."""

    constants: Mapping[int, Tensor]
    calls: tuple[Call, ...]
    others: list[Tensor]

    def held(self, outputs: int) -> int:
        """Numbers for one point in a pass: patches, results with what autograd keeps, their gradients, some formed."""
        calls = sum(2 * a + result * (4 + 3 * outputs) + formed for a, result, formed in self._sizes(outputs))
        return outputs + calls + 3 * outputs * sum(p.numel() for p in self.others)

    def kept(self, outputs: int) -> int:
        """Numbers for one point after a pass: patches, gradients, and what is formed of these at once."""
        calls = sum(a + result * outputs + formed for a, result, formed in self._sizes(outputs))
        return outputs + calls + 2 * outputs * sum(p.numel() for p in self.others)

    def _sizes(self, outputs: int) -> Iterator[tuple[int, int, int]]:
        """Of each call: its patches, its result, and gradients of weights that are formed at once, twice over."""
        for call in self.calls:
            result, channels, q = call.shape.numel(), len(call.weight), call.weight[0].numel()
            groups = 1 if call.window is None else call.window.groups
            positions = result // channels
            step = channels_formed(outputs, positions, q, channels // groups) if positions > 1 or groups > 1 else 0
            yield positions * q * groups, result, 2 * step * groups * outputs * q


@dataclass(frozen=True)
class Pass:
    """Of n points: outputs (n, O), inputs of calls (n, ...), gradients at their results and in `others` (n, O, ...)."""

    outputs: Tensor
    inputs: Sequence[Tensor]
    sensitivities: Sequence[Tensor]
    formed: Sequence[Tensor]


def mapped(module: Module, way: Way, x: Tensor) -> Pass:
    """A pass forward, and one back for each output. Raises OtherWaysError where the module does not take this way."""
    n = len(x)
    shifts = [call.shift(n) for call in way.calls]
    leaves = [p.detach().expand(n, *p.shape).requires_grad_() for p in way.others]

    def at(point: Tensor, shifts: list[Tensor], leaves: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        substitutes = {id(p): leaf for p, leaf in zip(way.others, leaves, strict=True)}
        capture = Capture(way.constants, shifts, substitutes)
        with capture:
            outputs = together(module(point[None]))
        if [id(call.weight) for call in capture.calls] != [id(call.weight) for call in way.calls]:
            raise OtherWaysError
        return outputs, [call.inputs for call in capture.calls]

    with other_ways():
        outputs, inputs = vmap(at)(x.clone(), shifts, leaves)
        gradients = gradients_at(outputs, each_output(outputs), [*shifts, *leaves], way.others)
    return Pass(outputs.detach(), inputs, gradients[: len(shifts)], gradients[len(shifts) :])


@contextmanager
def other_ways() -> Iterator[None]:
    """What torch.func does not take is left to plain autograd, and so are errors of the module itself."""
    try:
        with torch.enable_grad(), warnings.catch_warnings():
            # An operator without a batching rule is looped over: slower, and as exact.
            warnings.filterwarnings("ignore", message="There is a performance drop", category=UserWarning)
            yield
    except (torch.OutOfMemoryError, ModuleError):
        raise
    except Exception as error:
        raise OtherWaysError from error


def gradients_at(values: Tensor, seeds: Iterable[Tensor], leaves: list[Tensor], others: list[Tensor]) -> list[Tensor]:
    """For each leaf the gradients with each seed at the values, (n, O, ...)."""
    rows = []
    for seed in seeds:
        found = pulled(values, [*leaves, *others], seed)
        if any(gradient is not None for gradient in found[len(leaves) :]):
            # A parameter was reached past its substitute.
            raise OtherWaysError
        rows.append([torch.zeros_like(s) if g is None else g for s, g in zip(leaves, found, strict=False)])
    return [_stacked(column, 1) for column in zip(*rows, strict=True)]


def each_output(outputs: Tensor) -> Iterator[Tensor]:
    """A seed for each output of (n, O)."""
    for o in range(outputs.shape[1]):
        seed = torch.zeros_like(outputs)
        seed[:, o] = 1
        yield seed


def grouped(way: Way, made: Pass) -> Iterator[tuple[Feature, list[Tensor]]]:
    """One feature for each trained weight and bias, with these: calls of one parameter are further positions of it."""
    calls = way.calls
    g = [
        _stacked([sensitivities(call, gradient[:, o]) for o in range(gradient.shape[1])], 1)
        for call, gradient in zip(calls, made.sensitivities, strict=True)
    ]
    weights: dict[int, list[int]] = {}
    biases: dict[int, list[int]] = {}
    for i, call in enumerate(calls):
        weights.setdefault(id(call.weight), []).append(i)
        if call.bias is not None and call.bias.requires_grad:
            biases.setdefault(id(call.bias), []).append(i)
    for uses in weights.values():
        call = calls[uses[0]]
        if call.weight.requires_grad:
            own = call.bias is not None and biases.get(id(call.bias)) == uses
            a = _joined([patches(calls[i], made.inputs[i]) for i in uses], 1)
            yield Layer(a, _joined([g[i] for i in uses], 2), own), call.parameters() if own else [call.weight]
            if own:
                biases.pop(id(call.bias))
    for uses in biases.values():
        rows = sum(g[i].sum(2).flatten(2) for i in uses[1:]) + g[uses[0]].sum(2).flatten(2)
        yield Direct(rows), [calls[uses[0]].bias]  # type: ignore[list-item]
    for parameter, gradient in zip(way.others, made.formed, strict=True):
        yield Direct(gradient.flatten(2) if gradient.ndim > 2 else gradient.unsqueeze(2)), [parameter]


def _stacked(parts: Sequence[Tensor], axis: int) -> Tensor:
    """On a new axis; one alone is not copied."""
    return parts[0].unsqueeze(axis) if len(parts) == 1 else torch.stack(list(parts), axis)


def _joined(parts: list[Tensor], axis: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, axis)
