"""Root mean squares of a reader's own network, by width and seed, at the start and after steps of training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import ModuleError, running, told
from lazy_assay.sims.modules.gate import require_data, require_module, require_sound, state

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

OUTPUT = "output"
Key = tuple[str, str, int]


class ScalingError(ModuleError):
    """A factory, an optimiser or data that are refused, in one line."""


@dataclass(frozen=True)
class Sizes:
    """rms[kind, name, step]: root mean squares, shape (seeds, widths), in the unit of what is measured.

    Kinds: `tensor` and `update` (what training has added to it) of a parameter; `activation` and `change` (what
    training has added to it at the same inputs) of what a module without children returns, and of the network's
    `output`.
    """

    widths: tuple[int, ...]
    rms: dict[Key, NDArray[np.float64]]


def measured_sizes(
    model: Callable[[int], Any],
    data: tuple[Any, Any],
    optimiser: Callable[[Any, int], Any],
    loss: Callable[[Any, Any], Any],
    widths: Sequence[int],
    steps: Sequence[int],
    seeds: Sequence[int],
) -> Sizes:
    """Build, train and measure a network for each width and seed.

    model(width): a torch.nn.Module, its weights drawn by torch's generator, which is seeded before. data: inputs and
    targets, the one batch of every step. optimiser(module, width): a torch optimiser. loss(output, target): a scalar.
    steps: after how many of them to measure; 0 is the start. Raises ScalingError for what cannot be built, run or
    compared, with width and seed.
    """
    found: dict[Key, dict[tuple[int, int], float]] = {}
    _refuse_data(data)
    _refuse_undetermined(model, widths[0], seeds[0])
    for width in widths:
        for seed in seeds:
            with _at(width, seed):
                for key, value in _one(model, data, optimiser, loss, width, steps, _seed(seed, width)):
                    found.setdefault(key, {})[seed, width] = value
    whole = len(widths) * len(seeds)
    for (kind, name, _), values in found.items():
        if len(values) < whole:
            raise ScalingError(
                f"{kind} {name} is not there at every width: widths are told apart by sizes, not by names"
            )
    rms = {
        key: np.array([[values[seed, width] for width in widths] for seed in seeds]) for key, values in found.items()
    }
    return Sizes(tuple(widths), rms)


def _refuse_data(data: Any) -> None:
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise ScalingError("data: inputs and targets, two of them")
    try:
        for name, values in zip(("inputs", "targets"), data, strict=True):
            if isinstance(values, torch.Tensor):
                require_data(name, values)
    except ModuleError as error:
        raise ScalingError(f"data: {error}") from error


def _seed(seed: int, width: int) -> int:
    # Widths are independent of one another, so that an interval may be computed from their scatter.
    return int(np.random.SeedSequence((seed, width)).generate_state(1)[0])


@contextmanager
def _at(width: int, seed: int) -> Iterator[None]:
    try:
        yield
    except ModuleError as error:
        raise ScalingError(f"width {width}, seed {seed}: {error}") from error


def _built(model: Callable[[int], Any], width: int, seed: int) -> Module:
    torch.manual_seed(seed)
    try:
        module = model(width)
    except Exception as error:  # a reader's code may raise anything
        raise ScalingError(f"the factory fails ({told(error)})") from error
    require_module(module)
    for label, tensor in state(module):
        require_sound(label, tensor)
    built: Module = module
    return built


def _refuse_undetermined(model: Callable[[int], Any], width: int, seed: int) -> None:
    with _at(width, seed):
        one, other = (dict(_built(model, width, seed).named_parameters()) for _ in range(2))
        if one.keys() != other.keys() or any(not torch.equal(one[name], other[name]) for name in one):
            raise ScalingError("the factory draws other weights on torch's same seed: draw them with torch's generator")


def _one(
    model: Callable[[int], Any],
    data: tuple[Any, Any],
    optimiser: Callable[[Any, int], Any],
    loss: Callable[[Any, Any], Any],
    width: int,
    steps: Sequence[int],
    seed: int,
) -> Iterator[tuple[Key, float]]:
    module = _built(model, width, seed)
    inputs, targets = data
    with running():
        start = {name: p.detach().clone() for name, p in module.named_parameters()}
        first = _activations(module, inputs)
        training = optimiser(module, width)
        for step in range(max(steps) + 1):
            if step in steps:
                yield from _sizes(module, inputs, step, start, first)
            if step < max(steps):
                training.zero_grad()
                loss(module(inputs), targets).backward()
                training.step()


def _sizes(
    module: Module, inputs: Any, step: int, start: dict[str, Tensor], first: dict[str, Tensor]
) -> Iterator[tuple[Key, float]]:
    for name, parameter in module.named_parameters():
        yield ("tensor", name, step), _rms(name, parameter.detach(), step)
        if step:
            yield ("update", name, step), _rms(name, parameter.detach() - start[name], step)
    for name, value in _activations(module, inputs).items():
        yield ("activation", name, step), _rms(name, value, step)
        if step:
            yield ("change", name, step), _rms(name, value - first[name], step)


def _activations(module: Module, inputs: Any) -> dict[str, Tensor]:
    """What each module without children returns, and the network, at these inputs."""
    seen: dict[str, Tensor] = {}
    returned: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[Any, Any, Any], None]:
        def hook(_: Any, __: Any, value: Any) -> None:
            value = value[0] if isinstance(value, tuple) else value
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                seen.setdefault(name, value.detach().clone())
                returned.setdefault(name, value)

        return hook

    leaves = [(name, it) for name, it in module.named_modules() if name and not any(it.children())]
    handles = [leaf.register_forward_hook(keep(name)) for name, leaf in leaves]
    try:
        with torch.no_grad():
            keep(OUTPUT)(None, None, module(inputs))
    finally:
        for handle in handles:
            handle.remove()
    # What the network returns is its output, and no second size by the name of its last module.
    return {name: value for name, value in seen.items() if name == OUTPUT or returned[name] is not returned[OUTPUT]}


def _rms(name: str, value: Tensor, step: int) -> float:
    size = float(value.double().square().mean().sqrt())
    if not np.isfinite(size) and step:
        raise ScalingError(f"{name} is no longer finite: give the optimiser a smaller step")
    if not np.isfinite(size):
        raise ScalingError(f"{name} is not finite at the start: look at what the factory draws")
    return size
