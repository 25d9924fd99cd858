"""Networks with a last linear layer, points for them, and what their weights are, to the bit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.two_phase import TwoPhase

N = 12


class Backwards(nn.Module):
    """Registers its layers in another order than it calls them; a skip connection between."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.middle, self.entry = nn.Linear(16, 3), nn.Linear(16, 16), nn.Linear(5, 16)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.entry(x))
        out: Tensor = self.head(x + torch.tanh(self.middle(x)))
        return out


class Attentive(nn.Module):
    """A point's five numbers as tokens, a transformer block, a head on their mean."""

    def __init__(self) -> None:
        super().__init__()
        self.read_out = nn.Linear(8, 3)
        self.embedding = nn.Linear(1, 8)
        self.block = nn.TransformerEncoderLayer(8, 2, 8, dropout=0.0, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.read_out(self.block(self.embedding(x.unsqueeze(-1))).mean(1))
        return out


class PerToken(nn.Module):
    """Each of a point's five numbers goes through alone: outputs (n, 5, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.entry, self.head = nn.Linear(1, 4), nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(torch.tanh(self.entry(x.unsqueeze(-1))))
        return out


def mlp(*more: nn.Module, hidden: int = 16, bias: bool = True) -> nn.Sequential:
    """Linear, softplus, Linear, softplus, Linear; `more` behind the last softplus."""
    layers = nn.Linear(5, 8, bias=bias), nn.Softplus(), nn.Linear(8, hidden, bias=bias), nn.Softplus()
    return nn.Sequential(*layers, *more, nn.Linear(hidden, 3, bias=bias))


def normalised() -> nn.Sequential:
    """Two batch normalisations of vectors."""
    return nn.Sequential(
        *(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Softplus()),
        *(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Softplus(), nn.Linear(16, 3)),
    )


def convolutional() -> nn.Sequential:
    """Batch normalisation over places as well as points, the second of a short memory."""
    return nn.Sequential(
        *(nn.Unflatten(1, (1, 5)), nn.Conv1d(1, 4, 3, padding=1), nn.BatchNorm1d(4), nn.Softplus()),
        *(nn.Conv1d(4, 4, 3), nn.BatchNorm1d(4, momentum=None), nn.Softplus(), nn.Flatten(), nn.Linear(12, 3)),
    )


NETWORKS = {
    "mlp": mlp,
    "normalised": normalised,
    "convolutional": convolutional,
    "backwards": Backwards,
    "attentive": Attentive,
}


def made(network: Any, *given: Any, **more: Any) -> nn.Module:
    """A network in float64, its weights always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        module: nn.Module = network(*given, **more)
        return module.double()


def points(n: int = N) -> Tensor:
    """Inputs, (n, 5)."""
    return Stream(stream_key(1, "two-phase points", {}, 0)).normal(n, 5)


def classes(n: int = N) -> Tensor:
    """Targets for cross-entropy, (n,)."""
    return torch.arange(n) % 3


def squared(outputs: Tensor, targets: Tensor) -> Tensor:
    """The sum of squares over outputs, its mean over points."""
    return functional.mse_loss(outputs, targets) * outputs[0].numel()


def sgd(module: nn.Module, lr: float = 0.1) -> torch.optim.Optimizer:
    """SGD with all that the paper's experiments have."""
    return torch.optim.SGD(module.parameters(), lr=lr, momentum=0.9, weight_decay=1e-2)


def training(module: nn.Module, optimiser: torch.optim.Optimizer | None = None, **more: Any) -> TwoPhase:
    """Two-phase training of it on the points and their classes."""
    return TwoPhase(module, optimiser or sgd(module), points(), more.pop("targets", classes()), **more)


# Each optimiser of torch but the one that refuses dense gradients.
OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    name: found
    for name, found in vars(torch.optim).items()
    if isinstance(found, type)
    and issubclass(found, torch.optim.Optimizer)
    and found not in (torch.optim.Optimizer, torch.optim.SparseAdam)
}
# Muon takes matrices only; on mini-batches LBFGS needs small steps.
PARTICULAR: dict[str, dict[str, Any]] = {"Muon": {"bias": False}, "LBFGS": {"lr": 0.01, "max_iter": 4}}


def optimised(name: str, **more: Any) -> TwoPhase:
    """Training in mini-batches by an optimiser of torch as it comes, but for a strong weight decay where it has one."""
    own = PARTICULAR.get(name, {})
    module = made(mlp, bias=own.get("bias", True))
    decay = {"weight_decay": 0.5} if "weight_decay" in inspect.signature(OPTIMISERS[name]).parameters else {}
    steps = {argument: value for argument, value in own.items() if argument != "bias"}
    return training(module, OPTIMISERS[name](module.parameters(), **decay, **steps), batch_size=5, **more)


def bits(module: nn.Module) -> dict[str, Tensor]:
    """All its numbers as they are now, buffers included."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def moved(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    """The names of what is not the same to the bit."""
    return {name for name, value in before.items() if not torch.equal(value, after[name])}


def named(training: TwoPhase) -> set[str]:
    """The names of the last layer's parameters."""
    return {name for name, _ in training.module.named_parameters() if name not in training.hidden}


def reading(training: TwoPhase) -> Tensor:
    """What the last layer reads when the whole training set goes through in training mode; nothing else changes."""
    module, read = training.module, []
    hook = training.last.register_forward_pre_hook(lambda _, given: read.append(given[0].detach().clone()))
    kept, flags = bits(module), {layer: layer.training for layer in module.modules()}
    with torch.no_grad():
        module.train()(training.inputs)
    module.load_state_dict(kept)
    for layer, flag in flags.items():
        layer.training = flag
    hook.remove()
    out: Tensor = read[0]
    return out
