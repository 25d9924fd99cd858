import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.optimality import Neurons, OptimalityError, OptimalityGap, optimality_gap
from lazy_assay.sims.optimality.network import read
from lazy_assay.sims.particles import optimum

Array = np.ndarray
RNG = np.random.default_rng(4)
X = np.column_stack([np.linspace(-2, 2, 7), np.ones(7)])
Y = RNG.standard_normal(7)
DECAY: dict[str, Any] = {"lambda_u": 0.1, "lambda_theta": 0.05}
SIGMA: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "abs": np.abs,
}
LABELS = {"squared": Y, "logistic": np.where(Y > 0, 1.0, -1.0)}


def neurons(m: int, activation: str, seed: int = 0, k: int = 1) -> Neurons:
    rng = np.random.default_rng(seed)
    return Neurons(2 * rng.standard_normal((m, 2)), rng.standard_normal((m, k)), activation)


def objective(found: Neurons, y: Array, loss: str) -> float:
    f = X @ np.asarray(found.theta).T
    f = SIGMA[str(found.activation)](f) @ (found.masses[:, None] * found.u)[:, 0]
    data = (f - y) ** 2 / 2 if loss == "squared" else np.logaddexp(0, -y * f)
    decay = 0.1 * np.square(found.u).sum(1) + 0.05 * np.square(found.theta).sum(1)
    return float(data.mean() + found.masses @ decay / 2)


def trained(start: Neurons, y: Array, loss: str, steps: int = 400) -> Neurons:
    """A law that Adam comes to from a network, masses and all."""
    tensors = [torch.tensor(a) for a in (start.theta, start.u[:, 0], np.log(start.masses))]
    theta, u, logs = leaves = [t.requires_grad_() for t in tensors]
    adam, x, labels = torch.optim.Adam(leaves, lr=0.03), torch.tensor(X), torch.tensor(y)
    sigma = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "abs": torch.abs}[str(start.activation)]
    for _ in range(steps):
        p = torch.softmax(logs, 0)
        f = sigma(x @ theta.T) @ (p * u)
        data = (f - labels).square() / 2 if loss == "squared" else torch.nn.functional.softplus(-labels * f)
        phi = data.mean() + p @ (0.1 * u.square() + 0.05 * theta.square().sum(1)) / 2
        adam.zero_grad()
        phi.backward()
        adam.step()
    return Neurons(theta, u, start.activation, masses=torch.softmax(logs, 0))


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "abs"])
def test_no_law_that_is_found_lies_below_the_floor(activation: str, loss: str) -> None:
    y = LABELS[loss]
    better = trained(neurons(8, activation), y, loss)
    least = objective(better, y, loss)
    for law in (neurons(6, activation, 1), neurons(6, activation, 2), better):
        found = optimality_gap(law, X, y, loss=loss, **DECAY)
        assert found.floor <= least
        assert found.objective == pytest.approx(objective(law, y, loss), rel=1e-12)
        assert found.gap == pytest.approx(found.objective - found.floor, abs=1e-12)
    assert found.gap < 0.05


@pytest.mark.parametrize("activation, insertions, most", [("tanh", 4, 1e-3), ("relu", 0, 1e-2)])
def test_laws_of_least_objective_are_certified_nearly_optimal(activation: str, insertions: int, most: float) -> None:
    y = np.random.default_rng(1).standard_normal((3, 7))
    given: dict[str, Any] = {"m": 16, "activation": activation, "lambda_u": 0.1, "lambda_theta": 0.05, "steps": 800}
    laws = optimum.laws(labels=y, insertions=insertions, trials=3, entropy=1, **given).numpy()
    for law, own in zip(laws, y, strict=True):
        network = Neurons(law[:, 2:], law[:, 1], activation, masses=law[:, 0])
        assert optimality_gap(network, np.array(optimum.inputs(7)), own, **DECAY).gap < most


def test_the_particle_that_promises_most_lowers_the_objective() -> None:
    start = neurons(4, "tanh")
    found = optimality_gap(start, X, Y, **DECAY)
    share = 1e-4
    inserted = Neurons(
        np.vstack([start.theta, found.theta]),
        np.vstack([start.u, found.u]),
        "tanh",
        masses=np.append((1 - share) * start.masses, share),
    )
    fall = objective(start, Y, "squared") - objective(inserted, Y, "squared")
    f = np.tanh(X @ start.theta.T) @ (start.masses * start.u[:, 0])
    h = np.tanh(X @ np.vstack([start.theta, found.theta]).T)
    g = (f - Y) @ h / 7 * np.append(start.u[:, 0], found.u)
    g = g + 0.05 * np.append(start.u[:, 0], found.u) ** 2
    g = g + 0.025 * np.square(np.vstack([start.theta, found.theta])).sum(1)
    assert fall == pytest.approx(share * (start.masses @ g[:-1] - g[-1]), rel=0.05)
    assert (g[-1] <= g).all()


def test_cross_entropy_of_two_classes_is_the_logistic_loss() -> None:
    signs = LABELS["logistic"]
    one = neurons(5, "tanh")
    # Outputs ±f/2 have the differences of f; decay of u halves with it.
    two = Neurons(one.theta, np.column_stack([one.u[:, 0] / 2, -one.u[:, 0] / 2]), "tanh")
    classes = np.column_stack([signs > 0, signs < 0]).astype(float)
    first = optimality_gap(one, X, signs, loss="logistic", **DECAY)
    second = optimality_gap(two, X, classes, loss="cross_entropy", lambda_u=0.2, lambda_theta=0.05)
    assert (first.objective, first.gap) == pytest.approx((second.objective, second.gap), abs=1e-6)


def test_scaling_of_the_output_is_that_of_the_decay() -> None:
    start = neurons(5, "tanh")
    scaled = Neurons(start.theta, start.u / 4, "tanh", alpha=4.0)
    first = optimality_gap(start, X, Y, **DECAY)
    second = optimality_gap(scaled, X, Y, lambda_u=16 * 0.1, lambda_theta=0.05)
    assert first.gap == pytest.approx(second.gap, abs=1e-6)


def test_a_module_is_read_as_what_it_computes() -> None:
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(2, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1, bias=False)).double()
    x, y = torch.randn(9, 2, dtype=torch.float64), torch.randn(9, 1, dtype=torch.float64)
    found = optimality_gap(module, x, y, lambda_u=0.02, lambda_theta=0.5)
    read_off, biased = read(module)
    with torch.no_grad():
        decay = 0.02 * np.square(read_off.u).sum(1) + 0.5 * np.square(read_off.theta).sum(1)
        value = float((module(x) - y).square().mean() / 2) + float(decay.mean()) / 2
    assert biased
    assert found.objective == pytest.approx(value, rel=1e-12)
    assert found.theta.shape == (3,)


def test_weight_decay_of_a_plain_network_is_the_regulariser_that_is_told() -> None:
    torch.manual_seed(1)
    module = torch.nn.Sequential(torch.nn.Linear(2, 8, bias=False), torch.nn.ReLU(), torch.nn.Linear(8, 1, bias=False))
    mu, m = 0.05, 8
    x, y = torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(Y[:, None], dtype=torch.float32)
    found = optimality_gap(module, x, y, lambda_u=mu / m, lambda_theta=mu * m)
    with torch.no_grad():
        plain = (module(x) - y).square().mean() / 2 + mu / 2 * sum(p.square().sum() for p in module.parameters())
    assert found.objective == pytest.approx(float(plain), rel=1e-5)


def test_no_floor_is_below_what_losses_cannot_fall_below() -> None:
    far = Neurons(100 * np.ones((1, 2)), 100 * np.ones(1), "tanh")
    for found in (optimality_gap(far, X, Y, **DECAY), optimality_gap(far, X, Y, boxes=4, **DECAY)):
        assert found.floor >= -1e-11 * found.objective
        assert found.scale < 0.1


def test_few_boxes_leave_a_larger_gap_and_say_so() -> None:
    start = neurons(5, "tanh")
    fine, coarse = optimality_gap(start, X, Y, **DECAY), optimality_gap(start, X, Y, boxes=8, **DECAY)
    assert fine.resolved
    assert not coarse.resolved
    assert coarse.gap > fine.gap


@pytest.mark.parametrize("masses", [[0.0, 1.0, 3.0], [1, 1, 2]])
def test_masses_are_divided_by_their_sum(masses: list[float]) -> None:
    start = neurons(3, "tanh")
    first, second = (
        optimality_gap(Neurons(start.theta, start.u, "tanh", masses=np.multiply(masses, c)), X, Y, **DECAY)
        for c in (1, 8)
    )
    assert first.gap == second.gap


def of(network: Any = None, x: Any = X, y: Any = Y, **more: Any) -> OptimalityGap:
    given = neurons(3, "tanh") if network is None else network
    return optimality_gap(given, x, y, **{**DECAY, **more})


LINEAR = torch.nn.Linear


def hooked() -> torch.nn.Module:
    module = torch.nn.Sequential(LINEAR(2, 3), torch.nn.Tanh(), LINEAR(3, 1, bias=False))
    module[1].register_forward_hook(lambda layer, inputs, output: 2 * output)
    return module


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "softplus": (lambda: of(neurons(3, "softplus")), "activation 'softplus'.*bounded or homogeneous"),
    "softplus layer": (
        lambda: of(torch.nn.Sequential(LINEAR(2, 3), torch.nn.Softplus(), LINEAR(3, 1, bias=False))),
        "Softplus: .* bounded or homogeneous",
    ),
    "deep": (lambda: of(torch.nn.Sequential(LINEAR(2, 3), torch.nn.Tanh())), "Sequential: a network is nn.Sequential"),
    "a last bias": (
        lambda: of(torch.nn.Sequential(LINEAR(2, 3), torch.nn.Tanh(), LINEAR(3, 1))),
        "the last layer has a bias",
    ),
    "no module": (lambda: of(3), "a torch.nn.Module is needed, got int"),
    "a hook": (lambda: of(hooked()), "the module computes something else than its layers say"),
    "no decay of u": (lambda: of(lambda_u=0.0), "lambda_u must be positive and finite, got 0.0: g is linear in u"),
    "no decay of θ": (lambda: of(lambda_theta=0.0), "lambda_theta must be positive .* in no box"),
    "NaN": (lambda: of(x=X * math.nan), "x: every entry must be finite"),
    "labels of a class": (lambda: of(loss="logistic"), "the loss logistic wants one output with labels −1 and 1"),
    "classes": (lambda: of(loss="cross_entropy"), "the loss cross_entropy wants rows of class probabilities"),
    "a loss": (lambda: of(loss="hinge"), "no loss is called 'hinge'; there are squared, logistic, cross_entropy"),
    "inputs": (lambda: of(x=X[:, :1]), r"x \(7, 1\) and y \(7, 1\) do not fit neurons with 2 inputs and 1 outputs"),
    "rows": (lambda: of(y=Y[:-1]), "do not fit"),
    "masses": (lambda: Neurons(np.ones((2, 2)), np.ones(2), masses=[1.0, -1.0]), "masses must not be negative"),
    "lengths": (lambda: Neurons(np.ones((2, 2)), np.ones(3)), "2, 3 and 2 neurons"),
    "complex": (lambda: of(x=X * 1j), "x: an array of real numbers with 2 axes is needed, not complex128"),
    "tolerance": (lambda: of(tolerance=0.0), "tolerance lies between 0 and 1"),
    "boxes": (lambda: of(boxes=2.5), "boxes is a whole number, at least 1; got 1e-07 and 2.5"),
    "a decay of text": (lambda: of(lambda_u="a"), "lambda_u must be positive and finite, got 'a'"),
    "a decay that is a truth value": (lambda: of(lambda_u=True), "lambda_u must be positive and finite, got True"),
    "decays whose product is 0": (
        lambda: of(lambda_u=1e-300, lambda_theta=1e-300), r"lambda_u must lie between 1e-100 and 1e\+100, got 1e-300"
    ),
    "alpha": (lambda: Neurons(np.ones((2, 2)), np.ones(2), alpha=0.0), "alpha must be positive and finite, got 0.0"),
    "labels whose squares overflow": (lambda: of(y=1e200 * Y), "numbers leave float64's range on the way: rescale x"),
    "inputs whose squares overflow": (lambda: of(neurons(3, "relu"), x=1e160 * X), "numbers leave float64's range"),
    "a loss in a list": (lambda: of(loss=["squared"]), "no loss is called"),
    "rows of several lengths": (lambda: of(x=[[1.0], [2.0, 3.0]]), "x: an array .* its rows differ in length"),
}  # fmt: skip


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_floors_are_sound_at_both_ends_of_the_range_of_numbers(activation: str) -> None:
    # φ of the zero function, which no least value is above, whatever the decay.
    for size in (1e-75, 1e-20, 1e30):
        for decay in (1e-40, 1e-9, 1e9):
            found = of(neurons(3, activation), y=size * Y, lambda_u=decay, lambda_theta=decay, boxes=500)
            assert found.floor <= np.square(size * Y).mean() / 2
            assert found.gap >= 0


def test_decays_may_be_numbers_of_torch_or_of_numpy() -> None:
    told = torch.tensor(0.1, dtype=torch.float64), np.float64(0.05)
    assert of(lambda_u=told[0], lambda_theta=told[1]).gap == of().gap


@pytest.mark.parametrize("call, message", BAD.values(), ids=BAD)
def test_what_cannot_be_certified_is_refused_in_one_line(call: Callable[[], object], message: str) -> None:
    with pytest.raises(OptimalityError, match=message) as raised:
        call()
    assert "\n" not in str(raised.value)
