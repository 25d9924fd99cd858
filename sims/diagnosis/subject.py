"""A network as a reader's factory makes it, and its training."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import ModuleError, refused_as, running, told
from lazy_assay.sims.modules.gate import admit
from lazy_assay.sims.modules.outputs import together
from lazy_assay.sims.modules.scrutiny import Randomness

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    Factory = Callable[[int], Any]


class DiagnosisError(ModuleError):
    """A factory, data, or one line of a diagnosis that is refused; one line."""


@dataclass(frozen=True)
class Recipe:
    """Inputs (n, ...), targets of the shape of the outputs, and descent: steps of `step_size` on the mean square.

    held_out (n', ...): further inputs, where the trained network is held against its tangent model.
    """

    x: Tensor
    y: Tensor
    step_size: float
    steps: int
    held_out: Tensor | None = None

    def doubled(self) -> Recipe:
        """The same in float64; inputs that are whole numbers stay what they are."""
        further = None if self.held_out is None else _doubled(self.held_out)
        return Recipe(_doubled(self.x), self.y.double(), self.step_size, self.steps, further)


def _doubled(x: Tensor) -> Tensor:
    return x.double() if x.is_floating_point() else x


def built(factory: Factory, seed: int, recipe: Recipe) -> Module:
    """The factory's module at a seed, that fits the data. Raises DiagnosisError, in one line, for one that does not."""
    module = _made(factory, seed, recipe)
    with refused_as(DiagnosisError):
        admit(module, {"x": recipe.x, "y": recipe.y})
        if recipe.held_out is not None:
            admit(module, {"held_out": recipe.held_out})
        with running("on x"), Randomness(recipe.x.device), torch.no_grad():
            found = copy.deepcopy(module)(recipe.x)
    if not isinstance(found, torch.Tensor) or found.shape != recipe.y.shape:
        shape = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
        raise DiagnosisError(f"the network returns {shape} at x, and y is {tuple(recipe.y.shape)}: give one shape")
    if recipe.held_out is not None and recipe.held_out.shape[1:] != recipe.x.shape[1:]:
        shapes = tuple(recipe.held_out.shape), tuple(recipe.x.shape)
        raise DiagnosisError(f"held_out is {shapes[0]} and x is {shapes[1]}: they differ in the number of points alone")
    if not bool(torch.isfinite(found).all()):
        raise DiagnosisError("the network's output at x holds NaN or infinite numbers at the start")
    if not trained(module):
        raise DiagnosisError("the network has no parameter that is trained")
    return module


def _made(factory: Factory, seed: int, recipe: Recipe) -> Module:
    devices = [recipe.x.device] if getattr(recipe.x, "is_cuda", False) else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        try:
            module: Module = factory(seed)
        except Exception as error:  # a reader's code may raise anything
            raise DiagnosisError(f"the factory fails ({told(error)})") from error
    return module


def require_determined_by_seed(factory: Factory, seeds: tuple[int, int], recipe: Recipe) -> None:
    """Raises DiagnosisError where the weights are no function of the seed, or do not depend on it."""
    one, again, other = (
        [p.detach() for p in built(factory, seed, recipe).parameters()] for seed in (seeds[0], seeds[0], seeds[1])
    )
    if not _equal(one, again):
        raise DiagnosisError("the factory draws other weights at the same seed: draw all of them from its seed")
    if _equal(one, other):
        raise DiagnosisError("the factory draws the same weights at every seed: let them depend on it")


def _equal(one: list[Tensor], other: list[Tensor]) -> bool:
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def trained(module: Module) -> list[Tensor]:
    """The parameters that training moves."""
    return [p for p in module.parameters() if p.requires_grad]


@contextmanager
def differentiable() -> Iterator[None]:
    """What attention calls has second derivatives only as plain products."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel([SDPBackend.MATH]), torch.enable_grad(), running("on x"):
        yield


def outputs(module: Module, x: Tensor) -> Tensor:
    """All outputs at all points, one after the other, (n · O,)."""
    return together(module(x))


def descended(module: Module, recipe: Recipe, halvings: int = 0) -> tuple[Module, Tensor]:
    """A copy after training, of half the step and twice the steps `halvings` times; the outputs before each step."""
    end = copy.deepcopy(module)
    step, steps = recipe.step_size / 2**halvings, recipe.steps * 2**halvings
    parameters, target, path = trained(end), recipe.y.flatten(), []
    with differentiable():
        for _ in range(steps):
            f = outputs(end, recipe.x)
            path.append(f.detach())
            if not f.requires_grad:
                continue  # no parameter is reached: nothing moves
            loss = (f - target).square().mean()
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
            with torch.no_grad():
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    if gradient is not None:
                        parameter.sub_(gradient, alpha=step)
    return end, torch.stack(path)
