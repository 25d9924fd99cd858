"""The training itself: a first phase, the switch, a second phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import generator, normal, stream_key
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import refused_as
from lazy_assay.sims.modules.gate import is_whole
from lazy_assay.sims.two_phase import _forks, _modules, _statistics
from lazy_assay.sims.two_phase._errors import TwoPhaseError
from lazy_assay.sims.two_phase._rank import Watch

if TYPE_CHECKING:
    from torch import Generator, Tensor
    from torch.nn import Module
    from torch.optim import Optimizer

    Augment = Callable[[Tensor, Generator], Tensor]

SECOND_PHASES = ("last layer", "all layers")
# A step is halved at most so often before it is left out.
_HALVINGS = 30


class TwoPhase:
    """Algorithm 1 of Kawaguchi and Sun 2021 around `optimiser`, which stays the one that makes every step.

    module: its output is the result of an nn.Linear, the last layer. optimiser: any torch.optim optimiser of its
    parameters; the momentum that it has gathered is kept at the switch (what LBFGS knows of the curvature is not).
    inputs (n, …), targets (n, …): the training set.
    loss: (outputs, targets) to a scalar mean; cross-entropy by default. noise: the standard deviation of what is added
    to hidden parameters, or one by path of layer, {"0": 1e-3, "2": 1e-2}. second_phase: "last layer" or "all layers".
    batch_size: of an epoch's steps; all points without it. augment: (inputs, generator) to inputs, anew for each batch.
    margin: with "all layers", the share of its value at the switch that the least singular value watched must keep.
    entropy: decides the noise and the order of the points.

    The module is trained in place. After a switch to the last layer its hidden parameters take no gradient, and it is
    in evaluation mode. A learning rate schedule does not follow a `fork`.

    Raises TwoPhaseError, one line, for a last layer that is not linear, mixed dtypes, NaN and the like.
    """

    def __init__(
        self,
        module: Module,
        optimiser: Optimizer,
        inputs: Tensor,
        targets: Tensor,
        *,
        loss: _modules.Loss | None = None,
        noise: float | Mapping[str, float] = 1e-3,
        second_phase: str = "last layer",
        batch_size: int | None = None,
        augment: Augment | None = None,
        margin: float = 0.1,
        entropy: int = 0,
    ) -> None:
        if second_phase not in SECOND_PHASES:
            raise TwoPhaseError(f"second_phase is one of {', '.join(SECOND_PHASES)}, got {second_phase!r}")
        if isinstance(margin, bool) or not isinstance(margin, (int, float)) or not 0 < margin < 1:
            raise TwoPhaseError(f"margin is a share between 0 and 1, got {margin!r}")
        if batch_size is not None and not (is_whole(batch_size) and batch_size >= 1):
            raise TwoPhaseError(f"batch_size is a number of points, at least 1, got {batch_size!r}")
        if not is_whole(entropy):
            raise TwoPhaseError(f"entropy is a whole number, got {entropy!r}")
        self.module, self.optimiser, self.inputs, self.targets = module, optimiser, inputs, targets
        self.loss = loss or torch.nn.functional.cross_entropy
        with refused_as(TwoPhaseError):
            _modules.require_data(module, inputs, targets)
            self.last_name, self.last = _modules.last_linear(module, inputs)
            _modules.require_points(module, self.last, inputs)
            _modules.require_batches(module, inputs, batch_size)
            _modules.require_optimiser(optimiser, module, self.last)
            _modules.require_loss(self.loss, module, inputs, targets)
        self.hidden = _modules.hidden_parameters(module, self.last)
        self.noise = _modules.deviations(noise, self.hidden)
        self.second_phase, self.augment = second_phase, augment
        # numpy's integers are taken too, and torch takes its own alone.
        self.batch_size, self.entropy = batch_size and int(batch_size), int(entropy)
        self.margin = margin
        self.phase, self.epochs, self.shortened = 1, 0, 0
        self.features: Tensor | None = None
        self.watch: Watch | None = None

    # -- whole trainings ---------------------------------------------------------------------------------------------

    def fit(self, *, epochs: int, switch_after: int, after_epoch: Callable[[TwoPhase], object] | None = None) -> None:
        """`epochs` epochs from now, the switch after `switch_after` of them; `after_epoch` is called after each.

        A place to measure, or to step a learning rate schedule.
        """
        whole = is_whole(epochs) and is_whole(switch_after)
        if self.phase == 2 or not whole or not 0 <= switch_after <= epochs:
            raise TwoPhaseError(
                f"fit switches once, after 0 to {epochs} epochs; got {switch_after} in phase {self.phase}"
            )
        for epoch in range(epochs + 1):
            if epoch == switch_after:
                self.switch()
            if epoch < epochs:
                self.epoch()
                if after_epoch:
                    after_epoch(self)

    def epoch(self) -> None:
        """One pass over the training set in mini-batches, in the manner of the present phase."""
        order = torch.randperm(len(self.inputs), generator=self._noise("order")).to(self.inputs.device)
        drawn = self._noise("augmentation") if self.augment else None
        for chosen in torch.split(order, self.batch_size or len(order)):
            self._step_at(chosen, drawn)
        self.epochs += 1

    def _step_at(self, chosen: Tensor, drawn: Generator | None) -> None:
        if self.features is not None and self.augment is None:
            self.step_features(self.features[chosen], self.targets[chosen])
            return
        inputs = self.inputs[chosen]
        self.step(self.augment(inputs, drawn) if self.augment and drawn else inputs, self.targets[chosen])

    def _noise(self, purpose: str) -> Generator:
        return generator(stream_key(self.entropy, f"two-phase {purpose}", {"epoch": self.epochs}, 0))

    # -- the switch --------------------------------------------------------------------------------------------------

    def switch(self) -> None:
        """Perturb all parameters but the last layer's, and begin the second phase. Raises TwoPhaseError if it has."""
        if self.phase == 2:
            raise TwoPhaseError("the second phase has begun already; a training switches once")
        before = {name: parameter.detach().clone() for name, parameter in self.hidden.items()}
        try:
            self._perturb()
            if self.second_phase == "all layers":
                self.watch = Watch.at_switch(self.module, self.last, self.inputs, self.margin)
            else:
                self._freeze()
        except BaseException:
            with torch.no_grad():
                for name, parameter in self.hidden.items():
                    parameter.copy_(before[name])
            raise
        self.phase = 2

    def _perturb(self) -> None:
        drawn = generator(stream_key(self.entropy, "two-phase perturbation", {}, 0))
        with torch.no_grad():
            for name, parameter in self.hidden.items():
                parameter.add_(
                    self.noise[name] * normal(tuple(parameter.shape), drawn, parameter.device, parameter.dtype)
                )

    def _freeze(self) -> None:
        """Fix the hidden layers and what they make of the training set."""
        _statistics.hold_statistics(self.module, self.inputs)
        self.module.eval()
        self.features = _statistics.features_of(self.module, self.last, self.inputs)
        for parameter in self.hidden.values():
            parameter.grad = None
            parameter.requires_grad_(False)
        if isinstance(self.optimiser, torch.optim.LBFGS):
            # What it knows of the curvature is of all parameters, and another problem's.
            self.optimiser.state.clear()
            self.optimiser._params = list(self.last.parameters())
            self.optimiser._numel_cache = None

    # -- single steps ------------------------------------------------------------------------------------------------

    def step(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """One step of the base algorithm on these points, in the manner of the present phase; returns the loss there.

        First phase: all layers. Second: the last layer on frozen features, or all layers with the rank kept.
        """
        if self.features is not None:
            return self.step_features(_statistics.features_of(self.module, self.last, inputs), targets)
        self.module.train()
        if self.watch:
            _statistics.still(self.module)
        before = [p.detach().clone() for p in self.module.parameters()] if self.watch else []
        found = self._base_step(lambda: self.loss(self.module(inputs), targets))
        if self.watch:
            self._keep_rank(self.watch, before)
        return found

    def step_features(self, features: Tensor, targets: Tensor) -> Tensor:
        """One step on the last layer, from what it reads (rows of `features`, say); returns the loss there.

        Raises TwoPhaseError in the first phase, and for an optimiser that moves parameters without gradients.
        """
        if self.features is None:
            raise TwoPhaseError("features are fixed in the second phase on the last layer only; call switch first")
        versions = [parameter._version for parameter in self.hidden.values()]
        found = self._base_step(lambda: self.loss(self.last(features), targets))
        if versions != [parameter._version for parameter in self.hidden.values()]:
            raise TwoPhaseError(f"{type(self.optimiser).__name__} moves parameters that have no gradient")
        return found

    def _base_step(self, objective: Callable[[], Tensor]) -> Tensor:
        found: list[Tensor] = []

        def closure() -> Tensor:
            self.optimiser.zero_grad()
            value = objective()
            value.backward()
            found.append(value.detach())
            return value

        self.optimiser.step(closure)  # type: ignore[arg-type]
        return found[0]

    def _keep_rank(self, watch: Watch, before: list[Tensor]) -> None:
        """Halve the step until the watched singular value is large enough: η_t is what Algorithm 1 lets one change."""
        moves = [p.detach() - was for p, was in zip(self.module.parameters(), before, strict=True)]
        for halving in range(_HALVINGS + 1):
            finite = all(bool(torch.isfinite(p).all()) for p in self.module.parameters())
            if finite and watch.value() >= watch.least:
                self.shortened += halving > 0
                return
            share = 0.5 ** (halving + 1) if halving < _HALVINGS else 0.0
            with torch.no_grad():
                for parameter, was, move in zip(self.module.parameters(), before, moves, strict=True):
                    parameter.copy_(was + share * move if share else was)
        self.shortened += 1

    # -- what came of it ---------------------------------------------------------------------------------------------

    def training_loss(self) -> Tensor:
        """L(w) over the training set, with the statistics of the whole of it: f_X as the theory has it."""
        return self.loss(self.outputs(self.inputs), self.targets)

    def outputs(self, inputs: Tensor) -> Tensor:
        """f at any points, without gradients, with the statistics of the training set under the present weights."""
        with torch.no_grad(), _statistics.untouched_buffers(self.module), _statistics.mode(self.module, training=False):
            if self.features is None:
                _statistics.hold_statistics(self.module, self.inputs)
            return torch.cat([self.module(block) for block in torch.split(inputs, _statistics.BLOCK)])

    def fork(self, *, noise: float | Mapping[str, float] | None = None) -> TwoPhase:
        """An independent copy at the same point of the training, on the same data; with another noise, where given.

        The optimiser goes along with all that it has, its hooks among it. Raises TwoPhaseError for a function, the loss
        say, that reaches this training's module or optimiser by itself: the copy would use this one's.
        """
        made: TwoPhase = _forks.forked(self)
        if noise is not None:
            made.noise = _modules.deviations(noise, made.hidden)
        return made
