"""Steps on vectors, and on each position of a sequence: layers, parameters reached in all ways, control flow."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from .parts import WIDTH, Act, Drawn, Shape, plain, step

_PLAIN: dict[str, Act] = {
    "tanh": torch.tanh, "sine": torch.sin, "softplus": functional.softplus, "gelu": functional.gelu,
    "relu": torch.relu, "double_in_place": lambda x: x.clone().mul_(2), "square": lambda x: x * x / 2,
    "softmax": lambda x: x.softmax(-1), "detached": lambda x: x + x.detach(),
    "by_size": lambda x: x if x.shape[-1] > 2 else 2 * x, "scaled": lambda x: x * math.pi,
}  # fmt: skip
for _name, _act in _PLAIN.items():
    plain(_name, _act)


@step(1, 2)
def linear(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return m.own(nn.Linear(s[-1], WIDTH)), (*s[:-1], WIDTH)


@step(1, 2)
def linear_without_bias(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return m.own(nn.Linear(s[-1], 3, bias=False)), (*s[:-1], 3)


@step(1, 2)
def linear_overwritten(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))

    layer.weight.requires_grad_(False)

    def act(x: Tensor) -> Tensor:
        h = 2 * x
        out = layer(h)
        h.mul_(0.5)
        found: Tensor = out + h
        return found

    return act, s


@step(1, 2)
def relu_in_place(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))
    return lambda x: layer(x).relu_(), s


@step(1, 2)
def from_a_list(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    w = m.weight(s[-1], 3)
    kept = [w]
    return lambda x: x @ kept[0], (*s[:-1], 3)


@step(1, 2)
def from_a_dictionary(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    key = f"weight{len(m.held)}"
    m.held[key] = m.weight(3, s[-1])
    return lambda x: functional.linear(x, m.held[key]), (*s[:-1], 3)


@step(1, 2)
def from_a_closure_scaled(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    w = m.weight(3, s[-1])
    return lambda x: functional.linear(x, w / 2), (*s[:-1], 3)


@step(1, 2)
def through_a_twin(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    twin = nn.Parameter(m.weight(s[-1], 3).data)
    return lambda x: x @ twin, (*s[:-1], 3)


@step(1, 2)
def through_a_view_of_before(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    view = m.weight(3, s[-1]).T
    return lambda x: x @ view, (*s[:-1], 3)


@step(1, 2)
def constant_weight(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    w = m.weight(s[-1], s[-1])
    return lambda x: x + x @ w.detach(), s


@step(1, 2)
def tied_twice(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))
    return lambda x: layer(torch.tanh(layer(x))), s


@step(1, 2)
def tied_to_its_transpose(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], 3))
    return lambda x: torch.tanh(layer(x)) @ layer.weight, s


@step(1, 2)
def shared_bias(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    one, other = m.own(nn.Linear(s[-1], s[-1])), m.own(nn.Linear(s[-1], s[-1]))
    other.bias = one.bias
    return lambda x: other(torch.sin(one(x))), s


@step(1, 2)
def residual(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))
    return lambda x: x + torch.tanh(layer(x)), s


@step(1, 2)
def gated(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    w, b = m.weight(s[-1]), m.weight(1)
    return lambda x: x * w.sigmoid() + b.exp(), s


@step(1, 2)
def frozen(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))
    layer.weight.requires_grad_(False)
    return layer, s


@step(1, 2, least=2)
def layer_norm(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return m.own(nn.LayerNorm(s[-1])), s


@step(1)
def batch_norm(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    part = m.own(nn.BatchNorm1d(s[0]))
    assert part.running_var is not None
    part.running_var += 0.5
    return part.eval(), s


@step(1, 2)
def weight_norm(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return m.own(nn.utils.parametrizations.weight_norm(nn.Linear(s[-1], 3))), (*s[:-1], 3)


@step(1, 2)
def checkpointed(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))
    return lambda x: checkpoint(lambda h: torch.tanh(layer(h)), x, use_reentrant=False), s


@step(1, 2)
def of_a_gradient(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))

    def act(x: Tensor) -> Tensor:
        h = x if x.requires_grad else x.clone().requires_grad_()
        return torch.autograd.grad(torch.tanh(layer(h)).sum(), h, create_graph=True)[0]

    return act, s


@step(1, 2)
def by_values(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    w = m.weight(s[-1])
    return lambda x: torch.stack([p * w if float(p.detach().sum()) > 0 else p * w.exp() for p in x]), s


@step(1, 2)
def mapped_inside(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))
    return lambda x: torch.func.vmap(layer)(x), s
