"""Base and two-phase training side by side: configurations in plain scalars, and what contrasts read off their runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lazy_assay.checks import Clock, Configuration, Context, Contrast, DataSets, Route, Subject, Typed, Values
from lazy_assay.sims.deep import two_phase_classification
from lazy_assay.theory import Domain, Integer, ListOf, Real

Reading = Callable[[np.ndarray], np.ndarray]
BASE = 0

# Switches and checkpoints are shares of T; blocks, those of a residual network's stages.
SHARES = ListOf(Real(0, 1, closed_high=True))
PARAMETERS: Mapping[str, Domain] = {
    "data": DataSets(("digits", "mnist5k", "mnist")),
    "n": Integer(1),
    "epochs": Integer(1),
    "blocks": ListOf(Integer(1)),
    "switches": SHARES,
    "checkpoints": SHARES,
    "noises": ListOf(Real(0)),
}
TYPED = Typed(PARAMETERS)
changed, held = TYPED.changed, TYPED.held
# The paper's hyper-parameters.
PAPER = changed(
    {"data": "digits", "n": 500, "network": "resnet", "width": 8},
    blocks=[1, 1, 1], epochs=100, batch=64, step_size=0.01, momentum=0.9, weight_decay=1e-5, switches=[0.6],
    noises=[0.001], wrong=0.0, shift=0, decay=1.0, checkpoints=[0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1],
)  # fmt: skip
# One grid holds all that a quick run asks of a fully connected network: the claims share its draws.
PERCEPTRON = changed(PAPER, network="mlp", width=32, blocks=[], switches=[0.1, 0.5, 0.6, 0.8])
DEEP = changed(PAPER, blocks=[2, 2, 2, 2])
AUGMENTED = changed(PAPER, shift=1, epochs=400)
MNIST: Configuration = {**PAPER, "data": "mnist5k"}
DEEP_MNIST: Configuration = {**MNIST, "blocks": DEEP["blocks"]}


def seeds(context: Context) -> int:
    """Trainings are dear: ten in every profile, the fewest that an effect takes."""
    return 10


def settings(values: Values) -> dict[str, object]:
    """Training and test set, and shares of T as epochs."""
    data, n, epochs = values["data"], int(values["n"]), int(values["epochs"])
    side = round(data.inputs.shape[1] ** 0.5)
    order = np.random.default_rng([0, n]).permutation(len(data.inputs))
    images, classes = data.inputs.reshape(-1, 1, side, side)[order], data.classes[order]
    return {
        "images": images[:n],
        "classes": classes[:n],
        "test_images": images[n:],
        "test_classes": classes[n:],
        "zeta": 100.0,
        "switches": [round(share * epochs) for share in values["switches"]],
        "checkpoints": [round(share * epochs) for share in values["checkpoints"]],
    }


def clock(values: Values) -> Clock:
    """Of the base algorithm, over all epochs."""
    steps = int(values["epochs"]) * -(-int(values["n"]) // int(values["batch"]))
    return Clock(step_size=float(values["step_size"]), steps=steps)


def version(configuration: Configuration, switch: float, noise: float) -> int:
    """Which row of a run the two-phase version with this switch and noise is."""
    switches, noises = held(configuration, "switches"), held(configuration, "noises")
    return int(1 + switches.index(switch) * len(noises) + noises.index(noise))


def decayed(configuration: Configuration) -> int:
    """Which row is the base with another step size after the switch. Raises ValueError where there is none."""
    if configuration["decay"] == 1:
        raise ValueError("a configuration with decay = 1 has no such version")
    return -1


def error(index: int) -> Reading:
    """Test error at the end, in percent."""
    return lambda draws: 100 * draws[:, index, -1]


def log_error(index: int) -> Reading:
    """Its natural logarithm, of the share of the test images: differences are ratios of errors."""
    return lambda draws: np.log(draws[:, index, -1])


def log_loss(configuration: Configuration, index: int) -> Reading:
    """The mean logarithm of the training loss over the checkpoints of the last half of the second phase, τ_0 = 0.6."""
    late = np.array([share >= 0.8 for share in held(configuration, "checkpoints")])
    return lambda draws: np.log(draws[:, index, :-1][:, late]).mean(-1)


def contrast(
    name: str, configuration: Configuration, larger: Reading, smaller: Reading, smallest: float,
    *, control: bool = False, equality: bool = False,
) -> Contrast:  # fmt: skip
    """Two readings of the same trainings, the first minus the second."""
    route = Route(
        name="SGD, two phases",
        simulate=two_phase_classification.base_and_two_phase,
        settings=settings,
        clock=clock,
        parameters=PARAMETERS,
        reads=lambda draws: np.stack([larger(draws), smaller(draws)], axis=-1),
    )
    subject = Subject.CONTROL if control else Subject.CLAIM
    return Contrast(name, (route, configuration), None, smallest, subject, equality)
