"""Certifies the operations and networks of section 5.2 as analytic; ReLU and maximal pooling are the controls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lazy_assay.checks import Case, Certificate, Certificates, Check, Context, Expected, Scalar, Subject, Verdict
from lazy_assay.sims.analyticity import Decision, analyticity
from lazy_assay.sims.core.torch import torch
from lazy_assay.theory.kawaguchi2021.analyticity import CLAIM

if TYPE_CHECKING:
    from torch.nn import Module

# As the softplus of the paper's experiments.
ZETAS = (1.0, 100.0)
OPERATIONS = ("affine", "convolution", "average pooling", "skip", "batch normalisation", "batch normalisation, running")
ACTIVATIONS = ("sigmoid", "tanh", "softplus")
CONTROLS = ("relu", "maximal pooling", "residual network with relu")


def module(name: str) -> Module:
    """A small network whose only particular operation is the one named."""
    nn = torch.nn
    convolution = nn.Conv2d(2, 3, 3, padding=1)
    made: dict[str, Any] = {
        "affine": lambda: nn.Identity(),
        "convolution": lambda: nn.Conv2d(3, 3, 3, padding=1),
        "average pooling": lambda: nn.AvgPool2d(2),
        "skip": lambda: _skip(nn.Conv2d(3, 3, 3, padding=1)),
        "batch normalisation": lambda: nn.BatchNorm2d(3),
        "batch normalisation, running": lambda: nn.BatchNorm2d(3).eval(),
        "sigmoid": lambda: nn.Sigmoid(),
        "tanh": lambda: nn.Tanh(),
        "softplus": lambda: _softplus(),
        "relu": lambda: nn.ReLU(),
        "maximal pooling": lambda: nn.MaxPool2d(2),
        "residual network": lambda: _block(_softplus),
        "residual network with relu": lambda: _block(nn.ReLU),
    }
    return nn.Sequential(convolution, made[name](), nn.Flatten(), nn.LazyLinear(4))


def _block(activation: Any) -> Module:
    """A pre-activation residual block between a convolution and the last hidden layer."""
    nn = torch.nn
    layers = [nn.BatchNorm2d(3), activation(), nn.Conv2d(3, 3, 3, padding=1)]
    again = [nn.BatchNorm2d(3), activation(), nn.Conv2d(3, 3, 3, padding=1)]
    return nn.Sequential(
        _skip(nn.Sequential(*layers, *again)), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(27, 12), activation()
    )


def _applied(function: Any, *inside: Module) -> Module:
    """A module that applies a function to its input and to the modules inside it."""

    class Applied(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inside = torch.nn.ModuleList(inside)

        def forward(self, x: Any) -> Any:
            return function(x, *self.inside)

    return Applied()


def _skip(inside: Module) -> Module:
    return _applied(lambda x, layer: x + layer(x), inside)


def _softplus(zeta: float = 100.0) -> Module:
    return _applied(lambda x: torch.logaddexp(zeta * x, torch.zeros_like(x)) / zeta)


def decided(context: Context, name: str) -> Certificate:
    """The certificate of one network on fixed images."""
    images = torch.linspace(-1, 1, 4 * 2 * 6 * 6).view(4, 2, 6, 6)
    network = context.planted(module(name), lambda found: torch.nn.Sequential(found, torch.nn.ReLU()))
    with torch.no_grad():
        network(images)  # gives the lazy layer its size
    found = analyticity(network, images)
    refused = found.decision in (Decision.NOT_CERTIFIED, Decision.NO_VERDICT, Decision.NOT_AS_COMPUTED)
    return Certificate(
        outcome=Verdict.UNDECIDED if refused else Verdict.AGREES,
        reason=f"{found.decision.value}: {found.reason}",
        quantity=float(len(found.offending)),
        threshold=0.0,
    )


def switch(zeta: float) -> Certificate:
    """torch's Softplus at the last float below its switch and the first above: it falls, and the formula rises."""
    layer = torch.nn.Softplus(beta=zeta)
    below = torch.tensor(20.0 / zeta, dtype=torch.float64)
    above = torch.nextafter(below, torch.tensor(torch.inf, dtype=torch.float64))
    while float(above) * zeta <= 20.0:
        below, above = above, torch.nextafter(above, torch.tensor(torch.inf, dtype=torch.float64))
    fall = float(layer(below) - layer(above))
    return Certificate(
        outcome=Verdict.DISAGREES if fall > 0 else Verdict.UNDECIDED,
        reason=f"torch's Softplus falls by {fall:.3g} across the switch at {float(below):g}, where the formula rises",
        quantity=fall,
        threshold=0.0,
    )


def cases(context: Context) -> Iterator[Case]:
    """Every operation and activation that the section names, the network of section 7 in small, and the controls."""
    for name in (*OPERATIONS, *ACTIVATIONS, "residual network"):
        yield {"network": name}, Subject.CLAIM, "", decided(context, name)
    for name in CONTROLS:
        yield {"network": name}, Subject.CONTROL, name, decided(context, name)
    for zeta in ZETAS:
        configuration: dict[str, Scalar] = {"network": "torch's Softplus", "zeta": zeta}
        yield configuration, Subject.CONTROL, "torch's Softplus", switch(zeta)


CHECK = Check(
    claim=CLAIM,
    procedures=(Certificates(cases=cases, route="export and table of operators"),),
    expected={
        "": Expected(
            status="confirmed",
            reason="each operator is analytic, or on a domain that is shown; torch's own Softplus is a control",
            date="2026-11-26",
        )
    },
)
