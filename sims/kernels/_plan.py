"""How the gradients of one module are had: found out on a few points, by looking at what its outputs depend on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from lazy_assay.sims.kernels._capture import Call, Capture, patches, sensitivities
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._features import Direct, Feature, Layer
from lazy_assay.sims.kernels._inputs import require_finite
from lazy_assay.sims.kernels._jacobians import jacobian
from lazy_assay.sims.kernels._outputs import flat
from lazy_assay.sims.kernels._scrutiny import Randomness

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_PROBE = 3


@dataclass(frozen=True)
class Plan:
    """`others`: names of parameters whose gradients are formed; all others are used in noted calls alone."""

    module: Module
    trained: dict[str, Tensor]
    others: tuple[str, ...]
    calls: int
    outputs: int
    # Numbers held for each point, whatever the block.
    held: int

    def features(self, x: Tensor) -> list[Feature]:
        """Of points x, in an order that does not depend on them."""
        excluded = {id(self.trained[name]) for name in self.others}
        calls, outputs = _forward(self.module, x, excluded)
        require_finite("the module's output", outputs, "look at its parameters and at x")
        if len(calls) != self.calls or any(_positions(call, len(x)) is None for call in calls):
            raise KernelError(
                "the module takes other ways for other points of x, so it has no kernel as a function of one"
            )
        gradients = _gradients(outputs, [call.shift for call in calls])
        found: list[Feature] = list(_grouped(calls, gradients, len(x)))
        if self.others:
            found.append(Direct(self._formed(x)))
        return found

    def _formed(self, x: Tensor) -> Tensor:
        size = max(1, len(x) // 8)
        return torch.cat([jacobian(self.module, part.clone(), list(self.others)) for part in torch.split(x, size)])


def plan(module: Module, trained: dict[str, Tensor], x: Tensor, *, layerwise: bool = True) -> Plan:
    """Looks at up to three of the points. Raises KernelError for a module without a tangent kernel."""
    probe = x[[i % len(x) for i in range(_PROBE)]]
    excluded: set[int] = set() if layerwise else {id(p) for p in trained.values()}
    while True:
        leaf = probe.clone().requires_grad_(probe.is_floating_point())
        with Randomness(x.device):
            calls, outputs = _forward(module, leaf, excluded)
        require_finite("the module's output", outputs.detach(), "look at its parameters and at x")
        # The second point's outputs, pulled back once to all that is looked at.
        pulled = _pulled(outputs, _middle(outputs), [*trained.values(), leaf, *(call.shift for call in calls)])
        # The parameters that reach the outputs otherwise than through noted calls.
        reached = {id(p) for p, gradient in zip(trained.values(), pulled, strict=False) if gradient is not None}
        if not reached and not calls:
            raise KernelError("the module's outputs depend on no trainable parameter, so it has no tangent kernel")
        _require_uncoupled(module, leaf, outputs, pulled[len(trained)])
        unfit = _unfit(calls, pulled[len(trained) + 1 :], len(outputs))
        unfit |= {id(p) for p in _of_calls(calls) if id(p) in reached}
        if not unfit:
            break
        # Once one of a call's parameters is, the call is not noted, and the graph shows the other.
        excluded = excluded | unfit
    others = tuple(name for name, p in trained.items() if id(p) in reached)
    held = _held(calls, outputs.shape[1], sum(trained[name].numel() for name in others))
    return Plan(module, trained, others, len(calls), outputs.shape[1], held)


def _forward(module: Module, x: Tensor, excluded: set[int]) -> tuple[list[Call], Tensor]:
    parameters = list(module.parameters())
    state = [*parameters, *module.buffers()]
    versions = [tensor._version for tensor in state]
    with _told(), torch.enable_grad():
        capture = Capture({id(p) for p in parameters}, excluded)
        with capture:
            # A copy, for a module may write into what it is given.
            outputs = module(x.clone())
        if versions != [tensor._version for tensor in state]:
            raise KernelError("the module changes its parameters or buffers when called; call module.eval() first")
        return capture.calls, flat(outputs, len(x))


@contextmanager
def _told() -> Iterator[None]:
    """A module's own error in one line."""
    try:
        yield
    except KernelError:
        raise
    except Exception as error:
        text = str(error).strip().splitlines()
        raise KernelError(f"the module fails on x: {text[0] if text else type(error).__name__}") from error


def _middle(outputs: Tensor) -> Tensor:
    """A cotangent of the second point's outputs alone, and of all of them."""
    seed = torch.zeros_like(outputs)
    seed[1] = torch.arange(1, outputs.shape[1] + 1, device=outputs.device, dtype=outputs.dtype).sqrt()
    return seed


def _require_uncoupled(module: Module, x: Tensor, outputs: Tensor, gradient: Tensor | None) -> None:
    """Raises KernelError where a point's outputs depend on another point, or on how many there are.

    `gradient` is of the second point's outputs, in x.
    """
    coupled = gradient is not None and bool(gradient[0].any() or gradient[2].any())
    with torch.no_grad(), _told():
        alone = flat(module(x.detach()[1:2].clone()), 1)
    scale = outputs.detach().abs().max() + 1
    coupled = coupled or alone.shape[1] != outputs.shape[1]
    if coupled or bool((alone[0] - outputs[1]).abs().max() > torch.finfo(outputs.dtype).eps ** 0.5 * scale):
        raise KernelError("the module's output at a point depends on the other points, so it has no tangent kernel")


def _of_calls(calls: list[Call]) -> list[Tensor]:
    return [p for call in calls for p in call.parameters()]


def _unfit(calls: list[Call], gradients: Sequence[Tensor | None], points: int) -> set[int]:
    """Parameters of calls whose rows are not points, or whose input was overwritten.

    `gradients` are of the second point's outputs, in what the calls' shifts are.
    """
    groups: dict[int, int] = {}
    unfit: set[int] = set()
    for call, gradient in zip(calls, gradients, strict=True):
        fits = call.is_intact() and _positions(call, points) is not None
        number = call.window.groups if call.window else 1
        fits = fits and groups.setdefault(id(call.weight), number) == number
        if fits and gradient is not None:
            rows = gradient.reshape(points, -1)
            fits = not bool(rows[0].any() or rows[2].any())
        if not fits:
            unfit |= {id(p) for p in call.parameters()}
    return unfit


def _positions(call: Call, points: int) -> int | None:
    """How many positions each point has in a call, if its first axis can be the points'."""
    rows = call.inputs.shape[0]
    if call.window is not None:
        return call.shift[0, 0].numel() if rows == points else None
    return None if call.inputs.ndim < 2 or rows % points else call.shift.shape[:-1].numel() // points


def _pulled(outputs: Tensor, seed: Tensor, leaves: list[Tensor]) -> list[Tensor | None]:
    """The gradient in each leaf, or None for one that the outputs are not made of."""
    able = [leaf.requires_grad and outputs.requires_grad for leaf in leaves]
    asked = list(itertools.compress(leaves, able))
    with _told():
        found = torch.autograd.grad(outputs, asked, seed, allow_unused=True, retain_graph=True) if asked else ()
    gradients = iter(found)
    return [next(gradients) if one else None for one in able]


def _gradients(outputs: Tensor, shifts: list[Tensor]) -> list[Tensor]:
    """For each shift the gradients of every output, with the outputs' axis first."""
    rows = []
    for o in range(outputs.shape[1] if shifts else 0):
        seed = torch.zeros_like(outputs)
        seed[:, o] = 1
        found = _pulled(outputs, seed, shifts)
        rows.append([torch.zeros_like(s) if g is None else g for s, g in zip(shifts, found, strict=True)])
    return [_stacked(column, 0) for column in zip(*rows, strict=True)]


def _grouped(calls: list[Call], gradients: list[Tensor], points: int) -> Iterator[Feature]:
    """One feature for each trained weight and bias: calls of one parameter are further positions of it."""
    g = [_stacked([sensitivities(c, o, points) for o in d], 1) for c, d in zip(calls, gradients, strict=True)]
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
            yield Layer(_joined([patches(calls[i], points) for i in uses], 1), _joined([g[i] for i in uses], 2), own)
            if own:
                biases.pop(id(call.bias))
    for uses in biases.values():
        yield Direct(sum(g[i].sum(2).flatten(2) for i in uses[1:]) + g[uses[0]].sum(2).flatten(2))


def _stacked(parts: Sequence[Tensor], axis: int) -> Tensor:
    """On a new axis; one alone is not copied."""
    return parts[0].unsqueeze(axis) if len(parts) == 1 else torch.stack(list(parts), axis)


def _joined(parts: list[Tensor], axis: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, axis)


def _held(calls: list[Call], outputs: int, formed: int) -> int:
    """Numbers for one point: patches, results with what autograd keeps, their gradients, gradients of weights."""
    total = 0
    for call in calls:
        result = call.shift.numel() // _PROBE
        entries = call.weight[0].numel() * call.shift.numel() // (_PROBE * len(call.weight))
        windows = 1 if call.window is None else call.window.groups
        weight = call.weight.numel() * outputs if call.window is not None or call.shift.ndim > 2 else 0
        total += 2 * entries * windows + result * (4 + 3 * outputs) + 2 * weight
    return total + 3 * outputs * formed + outputs
