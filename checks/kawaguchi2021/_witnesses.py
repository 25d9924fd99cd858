"""Two-phase trainings for Algorithm 1's witnesses: small networks, base algorithms, and what is read off a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.checks import Context
from lazy_assay.checks.kawaguchi2021._certified import drawn
from lazy_assay.sims.two_phase import TwoPhase

if TYPE_CHECKING:
    from torch import Tensor, nn

Array = np.ndarray
Optimisers = dict[str, Callable[[Any], Any]]
# The loss that counts as at the minimum, as a share of that of zero outputs; epochs of either phase.
EPSILON, FIRST, MOST = 0.02, 10, 20_000
POINTS, DIMENSION, OUTPUTS, ZETA, NOISE = 8, 8, 2, 10.0, 0.01
WIDE, NARROW = 4 * POINTS, POINTS // 4
# η = 1/L_H after the switch, which Theorem 1 (i) asks for.
GUARANTEED = "gradient descent, then 1/L_H"
QUICK = ("Adam", "Adagrad", "SGD with momentum")


def bases() -> Optimisers:
    """Base algorithms on all layers."""
    from torch import optim

    return {
        "Adam": lambda parameters: optim.Adam(parameters, lr=0.005),
        "Adagrad": lambda parameters: optim.Adagrad(parameters, lr=0.03),
        "SGD with momentum": lambda parameters: optim.SGD(parameters, lr=0.005, momentum=0.9),
        "RMSprop": lambda parameters: optim.RMSprop(parameters, lr=0.001),
        "LBFGS": lambda parameters: optim.LBFGS(parameters, lr=0.5, max_iter=2),
        GUARANTEED: lambda parameters: optim.SGD(parameters, lr=0.01),
    }


def squared(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean over the points of ‖f − y‖², over that of zero outputs."""
    loss: Tensor = (outputs - targets).square().sum() / targets.square().sum()
    return loss


def training(context: Context, label: str, units: int, optimiser: Callable[[Any], Any], **more: Any) -> TwoPhase:
    """A fully connected softplus network on Gaussian points and targets, before its first phase."""
    import torch

    (draw,) = drawn(
        context, POINTS, (DIMENSION, DIMENSION, units, OUTPUTS), gain=1.5, bias_scale=0.5, label=f"two-phase {label}"
    )
    rng = np.random.default_rng(context.key("two-phase targets", label))
    targets = torch.as_tensor(rng.standard_normal((POINTS, OUTPUTS)))
    module: nn.Module = draw.module("softplus", ZETA)
    x, optimised = torch.as_tensor(draw.x), optimiser(module.parameters())
    key = context.key("two-phase", label)
    return TwoPhase(module, optimised, x, targets, **{"loss": squared, "noise": NOISE, "entropy": key, **more})


def finished(run: TwoPhase, most: int = MOST) -> int:
    """Second-phase epochs until the loss is at most ε, looked at every hundred; all of `most` where it never is."""
    for epoch in range(most):
        if epoch and epoch % 100 == 0 and float(run.training_loss()) <= EPSILON:
            return epoch
        run.epoch()
    return most


def loss_of(run: TwoPhase) -> float:
    """The training loss of the module as it stands, and not of what the wrapper keeps."""
    return float(run.loss(run.outputs(run.inputs), run.targets))


def extended(run: TwoPhase) -> Array:
    """[h_X, 1] of the second phase."""
    assert run.features is not None
    h = run.features.numpy()
    return np.hstack([h, np.ones((len(h), 1))])


def copy_units(run: TwoPhase) -> None:
    """Make the last hidden units copies of the first, in what they read and in what is read of them."""
    import torch

    with torch.no_grad():
        for weight in (*run.module.get_submodule("2").parameters(), run.last.weight.T):
            weight.copy_(weight[:1].expand_as(weight).clone())


def third_singular_value(run: TwoPhase) -> float:
    """Of the Jacobian at −1, 0, 1 in a, c, v, b, written down: v x(1 − T²), v(1 − T²), T, 1 with T = tanh(ax + c)."""
    a, c, v, _ = (float(parameter.detach()) for parameter in run.module.parameters())
    x = np.array([-1.0, 0.0, 1.0])
    T = np.tanh(a * x + c)
    J = np.stack([v * x * (1 - T**2), v * (1 - T**2), T, np.ones(3)], axis=1)
    return float(np.linalg.svd(J, compute_uv=False)[2])


def neuron() -> TwoPhase:
    """v tanh(ax + c) + b at its switch, all layers to train; the step size is the one that takes v to 0.

    The perturbation is too small to matter.
    """
    import torch

    module = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Tanh(), torch.nn.Linear(1, 1)).double()
    with torch.no_grad():
        for parameter, value in zip(module.parameters(), (1.0, 0.0, 0.7, 0.0), strict=True):
            parameter.fill_(value)
    size = 3 / (4 * np.tanh(1.0) ** 2)
    x = torch.tensor([[-1.0], [0.0], [1.0]], dtype=torch.float64)
    run = TwoPhase(
        module,
        torch.optim.SGD(module.parameters(), lr=float(size)),
        x,
        torch.zeros_like(x),
        loss=torch.nn.functional.mse_loss,
        noise=1e-12,
        second_phase="all layers",
    )
    run.switch()
    return run
