"""Two-phase trainings of fully connected networks side by side: what `sims.two_phase` does, a leading axis of trials.

A small network's step takes longer to ask for than to compute, so many at once cost little more than one. Tests hold a
stack to the wrapper, trial by trial: same weights, same order of the points, same perturbation, losses up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import generator, normal, stream_key
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor
    from torch.nn import Module
    from torch.optim import Optimizer

    Augment = Callable[[Tensor, Generator], Tensor]

# ln(1 + eᵗ) is t in double precision from t = 37 on, so that torch's own softplus, one pass over the numbers in place
# of nine, is the analytic one but for rounding.
STRAIGHT = 40.0


class Stack:
    """Trainings of networks that differ in their numbers alone: Linear and softplus of ζ in turn, Linear last.

    modules: the networks at their start. inputs (n, …) of all, flattened; targets (trials, n), classes; entropies: what
    decides noise and order of the points, one a trial. Cross-entropy on mini-batches of `batch`; descent: what torch's
    SGD takes; augment: (inputs, generator) to inputs.
    """

    def __init__(
        self,
        modules: Sequence[Module],
        inputs: Tensor,
        targets: Tensor,
        entropies: Sequence[int],
        *,
        zeta: float,
        descent: Mapping[str, Any],
        batch: int,
        augment: Augment | None = None,
    ) -> None:
        each = zip(*(module.parameters() for module in modules), strict=True)
        self.parameters = [torch.stack([p.detach() for p in same]).requires_grad_() for same in each]
        self.inputs, self.targets, self.entropies = inputs, targets, list(entropies)
        self.zeta, self.batch, self.augment = zeta, batch, augment
        self.optimiser: Optimizer = torch.optim.SGD(self.parameters, **descent)
        self.noise, self.epochs = 1e-3, 0
        self.features: Tensor | None = None

    def epoch(self) -> None:
        """One pass of each training over its points, in its own order."""
        order = torch.stack([torch.randperm(len(self.inputs), generator=g) for g in self._noise("order")])
        drawn = self._noise("augmentation") if self.augment else []
        for chosen in torch.split(order.to(self.inputs.device), int(self.batch), dim=1):
            read = self._features(self._batch(chosen, drawn)) if self.features is None else self._kept(chosen, drawn)
            self.optimiser.zero_grad()
            self._losses(self._last(read), self.targets.gather(1, chosen)).sum().backward()
            self.optimiser.step()
        self.epochs += 1

    def switch(self) -> None:
        """Perturb all parameters but the last layer's, and train that one alone from now on."""
        hidden = self.parameters[:-2]
        with torch.no_grad():
            for trial, drawn in enumerate(self._noise("perturbation", epoch=False)):
                for p in hidden:
                    p[trial].add_(self.noise * normal(tuple(p[trial].shape), drawn, p.device, p.dtype))
            self.features = self._features(self._points(self.inputs))
        for p in hidden:
            p.grad = None
            p.requires_grad_(False)

    def fork(self, *, noise: float | None = None) -> Self:
        """Independent copies at the same point of the training, on the same data; with another noise, where given."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.parameters = [p.detach().clone().requires_grad_(p.requires_grad) for p in self.parameters]
        settings = {name: value for name, value in self.optimiser.param_groups[0].items() if name != "params"}
        made.optimiser = torch.optim.SGD([{"params": made.parameters, **settings}])
        for old, new in zip(self.parameters, made.parameters, strict=True):
            state = self.optimiser.state.get(old, {})
            made.optimiser.state[new] = {
                name: value.clone() if value is not None else None for name, value in state.items()
            }
        made.noise = self.noise if noise is None else noise
        return made

    def training_loss(self) -> Tensor:
        """Of each training over its whole training set, (trials,)."""
        return self._losses(self.outputs(self.inputs), self.targets)

    def outputs(self, inputs: Tensor) -> Tensor:
        """f at any points (m, …), without gradients, (trials, m, outputs)."""
        blocks = torch.split(inputs, chunk_sizes(len(inputs), self.parameters[-2][:, 0].numel(), inputs.device))
        with torch.no_grad():
            return torch.cat([self._last(self._features(self._points(block))) for block in blocks], dim=1)

    def _noise(self, purpose: str, *, epoch: bool = True) -> list[Generator]:
        at = {"epoch": self.epochs} if epoch else {}
        return [generator(stream_key(entropy, f"two-phase {purpose}", at, 0)) for entropy in self.entropies]

    def _points(self, inputs: Tensor) -> Tensor:
        return inputs.flatten(1).expand(len(self.entropies), -1, -1)

    def _batch(self, chosen: Tensor, drawn: list[Generator]) -> Tensor:
        """Each training's points, (trials, batch, numbers), moved where they are augmented."""
        images = self.inputs[chosen]
        if self.augment:
            images = torch.stack([self.augment(own, noise) for own, noise in zip(images, drawn, strict=True)])
        return images.flatten(2)

    def _kept(self, chosen: Tensor, drawn: list[Generator]) -> Tensor:
        """What the last layer reads once the others are fixed."""
        assert self.features is not None
        if self.augment:
            return self._features(self._batch(chosen, drawn))
        rows = torch.arange(len(chosen), device=chosen.device)[:, None]
        return self.features[rows, chosen]

    def _features(self, h: Tensor) -> Tensor:
        for W, b in zip(self.parameters[:-2:2], self.parameters[1:-2:2], strict=True):
            h = torch.nn.functional.softplus(torch.baddbmm(b[:, None], h, W.mT), self.zeta, STRAIGHT)
        return h

    def _last(self, features: Tensor) -> Tensor:
        W, b = self.parameters[-2:]
        return torch.baddbmm(b[:, None], features, W.mT)

    def _losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The mean over the points, one a training."""
        each = torch.nn.functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="none")
        return each.view(targets.shape).mean(1)
