"""Modules that use their parameters in all the ways that a tangent kernel must follow."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


class Shared(nn.Module):
    """One layer used twice, a weight tied to its transpose, a free scale, a frozen layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head, self.frozen = nn.Linear(5, 5), nn.Linear(5, 3), nn.Linear(5, 5)
        self.scale = nn.Parameter(torch.randn(5))
        self.frozen.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.layer(self.frozen(x)))
        x = x + torch.tanh(self.layer(x))
        out: Tensor = self.head(x * self.scale) @ self.head.weight
        return out


class Twice(nn.Module):
    """Tied layers of one weight and two biases, and two layers of one bias."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = nn.Linear(5, 5), nn.Linear(5, 5), nn.Linear(5, 5)
        self.second.weight = self.first.weight
        self.third.bias = self.first.bias

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.third(torch.sin(self.second(torch.sin(self.first(x)))))
        return out


class Functional(nn.Module):
    """Parameters of its own, used as they are, scaled, and both by a linear map and otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.V, self.W, self.b = (nn.Parameter(torch.randn(*shape)) for shape in ((4, 5), (3, 4), (3,)))

    def forward(self, x: Tensor) -> Tensor:
        h = functional.linear(x, self.V / 5**0.5)
        return functional.linear(torch.tanh(h), weight=self.W, bias=self.b) * self.b.exp()


class Overwriting(nn.Module):
    """Writes into what a layer has read, into what it has returned, and into the input."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = nn.Linear(5, 5), nn.Linear(5, 5), nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        x.mul_(2)
        h = self.first(x).relu_()
        out = self.second(h.clone()).add_(h).sigmoid_()
        found: Tensor = self.third(out)
        return found


class SeveralOutputs(nn.Module):
    """A mapping of a pair of outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.left, self.right = nn.Linear(5, 4), nn.Linear(4, 1), nn.Linear(4, 2, bias=False)

    def forward(self, x: Tensor) -> dict[str, object]:
        h = torch.tanh(self.body(x))
        return {"left": self.left(h)[:, 0], "pair": (self.right(h), h.square().sum(-1))}


class Branching(nn.Module):
    """Control flow by values at each point: torch.func cannot map it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5))

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([(p @ self.weight).sin() if p.detach().sum() > 0 else p @ self.weight**2 for p in x])


class TimeFirst(nn.Module):
    """Layers that see the points on their second axis, as many positions as there are points in a probe."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head = nn.Linear(5, 4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(torch.tanh(self.layer(x.transpose(0, 1)))).sum(0)
        return out


class Flattened(nn.Module):
    """Points and positions in one axis, and a bias that is trained on a frozen weight."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head = nn.Linear(5, 4), nn.Linear(4, 2)
        self.layer.weight.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.tanh(self.layer(x.flatten(0, 1)))
        out: Tensor = self.head(h).view(len(x), -1, 2).mean(1)
        return out


class Residual(nn.Module):
    """A block of a convolutional network: group normalisation, a skip, pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.first, self.second = (nn.Conv2d(c, 4, 3, padding=1) for c in (2, 4, 4))
        self.norm, self.batch, self.head = nn.GroupNorm(2, 4), nn.BatchNorm2d(4), nn.Linear(4, 3)
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        h = self.second(functional.relu(self.norm(self.first(x)), inplace=True))
        h += x
        out: Tensor = self.head(self.batch(h).mean((-2, -1)))
        return out


class Embedded(nn.Module):
    """Integers in, with sparse gradients; the output is tied to the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.layer = nn.Embedding(7, 4, sparse=True), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.layer(self.table(x)).mean(1)) @ self.table.weight.T


def _perceptron() -> nn.Module:
    return nn.Sequential(
        nn.Linear(5, 7), nn.ReLU(inplace=True), nn.Linear(7, 6, bias=False), nn.Tanh(), nn.Linear(6, 3)
    )


def _convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), nn.ReLU(inplace=True),
        nn.Conv2d(6, 4, (1, 3), dilation=(1, 2), padding="same"), nn.Tanh(),
        nn.Conv2d(4, 4, 2, padding=(1, 0), padding_mode="circular", groups=4, bias=False),
        nn.Flatten(), nn.Linear(60, 2),
    )  # fmt: skip


def _sequence() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(3, 4, 3, stride=2, padding=2, dilation=2), nn.Softplus(), nn.Conv1d(4, 4, 2, groups=2),
        nn.Flatten(), nn.LayerNorm(16), nn.Linear(16, 2),
    )  # fmt: skip


def _wide_patches() -> nn.Module:
    return nn.Sequential(nn.Conv2d(8, 16, 5), nn.Tanh(), nn.Flatten(), nn.Linear(64, 2))


def _attention() -> nn.Module:
    return nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)


Make = Callable[[], nn.Module]

MODULES: dict[str, tuple[Make, tuple[int, ...]]] = {
    "fully connected": (_perceptron, (5,)),
    "convolutional": (_convolutional, (4, 8, 8)),
    "convolutional, wide patches": (_wide_patches, (8, 6, 6)),
    "of sequences": (_sequence, (3, 9)),
    "residual": (Residual, (2, 5, 5)),
    "attention": (_attention, (3, 8)),
    "shared": (Shared, (5,)),
    "tied": (Twice, (5,)),
    "functional": (Functional, (5,)),
    "overwriting": (Overwriting, (5,)),
    "several outputs": (SeveralOutputs, (5,)),
    "branching": (Branching, (5,)),
    "time first": (TimeFirst, (3, 5)),
    "flattened": (Flattened, (3, 5)),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(5, 3)), (5,)),
    "PReLU": (lambda: nn.Sequential(nn.Linear(5, 4), nn.Unflatten(1, (2, 2)), nn.PReLU(), nn.Flatten()), (5,)),
}
