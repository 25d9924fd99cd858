"""Whether an exported graph is the module: at other parameters both must give the same values.

An export follows torch's operators. What a module computes beside them (a parameter's numbers in numpy, a number cached
from a list of parameters) is baked into the graph, which is then another function of the parameters. So the module's
own parameters are moved, in place and for a moment, and both run there; a graph that is certified must follow, and its
values must be numbers where all parameters are 0. Where torch takes other kernels for the graph the last bits may
differ: by one rounding an operator, and what a rounding does is measured, on parameters that are moved by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lazy_assay.sims.core.torch import torch

SEED = 11
OTHERWISE = (
    "at other parameters the exported graph and the module differ: parameters are read in a way that no export "
    "follows, or the module draws by itself, or has a state"
)
INFINITE = "torch computes an infinity or NaN where all parameters are 0"


def disagreement(
    program: Any, module: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any], operators: int
) -> str:
    """A sentence, or none where graph and module agree."""
    graph = program.module(check_guards=False)
    places: tuple[Callable[[Any], Any], ...] = (torch.zeros_like, _flipped, _drawn)
    for place in places:
        ours, theirs = (_outputs(module, place, each, arguments, keywords) for each in (graph, module))
        if not _same(ours, theirs):
            rounded = _outputs(module, _rounded(place), graph, arguments, keywords)
            if not _near(ours, theirs, rounded, operators):
                return OTHERWISE
        if place is torch.zeros_like and not all(bool(each.isfinite().all()) for each in ours):
            return INFINITE
    return ""


def _flipped(parameter: Any) -> Any:
    return -1.25 * parameter


def _drawn(parameter: Any) -> Any:
    generator = torch.Generator().manual_seed(SEED)
    return torch.randn(parameter.shape, generator=generator, dtype=torch.float64).to(parameter)


@contextmanager
def _moved(module: Any, place: Callable[[Any], Any]) -> Iterator[None]:
    """The module's parameters elsewhere; they and all buffers are as they were afterwards, to the bit."""
    held = [*module.parameters(), *module.buffers()]
    before = [tensor.detach().clone() for tensor in held]
    try:
        for parameter in module.parameters():
            # By .data, which no gradient that the caller still needs takes notice of.
            parameter.data.copy_(place(parameter.detach()))
        yield
    finally:
        for tensor, value in zip(held, before, strict=True):
            tensor.data.copy_(value)


def run(module: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
    """What a module returns where it is; it, the data and the generator are left as they were."""
    with _moved(module, torch.Tensor.detach):
        return _run(module, arguments, keywords)


def _outputs(
    module: Any, place: Callable[[Any], Any], function: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> list[Any]:
    """The tensors that a function returns where the module's parameters are moved to a place."""
    with _moved(module, place):
        found = torch.utils._pytree.tree_leaves(_run(function, arguments, keywords))
        return [each.detach().clone() for each in found if isinstance(each, torch.Tensor)]


def _run(function: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
    """On copies of the data, from one seed; without gradients torch might take other kernels."""
    given, named = torch.utils._pytree.tree_map(_copied, (arguments, dict(keywords)))
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(SEED)
        return function(*given, **named)


def _copied(value: Any) -> Any:
    return value.detach().clone().requires_grad_(value.requires_grad) if isinstance(value, torch.Tensor) else value


def _rounded(place: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A place that each entry is moved from by one rounding, up or down."""

    def moved(parameter: Any) -> Any:
        signs = torch.randint(0, 2, parameter.shape, generator=torch.Generator().manual_seed(SEED)) * 2 - 1
        return place(parameter) * (1 + torch.finfo(parameter.dtype).eps * signs.to(parameter))

    return moved


def _same(ours: list[Any], theirs: list[Any]) -> bool:
    """Bit by bit."""
    return len(ours) == len(theirs) and all(
        one.shape == other.shape and one.dtype == other.dtype and torch.equal(one.nan_to_num(), other.nan_to_num())
        for one, other in zip(ours, theirs, strict=True)
    )


def _near(ours: list[Any], theirs: list[Any], rounded: list[Any], operators: int) -> bool:
    """Within one rounding an operator of each other."""
    if [each.shape for each in ours] != [each.shape for each in theirs]:
        return False
    return all(
        one.is_floating_point() and bool(((one - other).abs() <= operators * _step(one, moved)).all())
        for one, other, moved in zip(ours, theirs, rounded, strict=True)
    )


def _step(value: Any, moved: Any) -> Any:
    """What one rounding does, at most: of the result, or of what it is made of."""
    return (moved - value).abs().max() + torch.finfo(value.dtype).eps * value.abs().max()
