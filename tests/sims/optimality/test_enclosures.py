from collections.abc import Callable
from typing import Any

import flint
import numpy as np
import pytest

from lazy_assay.sims.optimality.activations import ACTIVATIONS, FUNCTION, Bounded, Homogeneous
from lazy_assay.sims.optimality.bounded import Landscape, infimum
from lazy_assay.sims.optimality.directions import steepest
from lazy_assay.sims.optimality.pull import Pull

Array = np.ndarray
BALLS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "tanh": (lambda z: z.tanh(), lambda z: 1 - z.tanh() ** 2),
    "sigmoid": (lambda z: 1 / (1 + (-z).exp()), lambda z: 1 / (2 + z.exp() + (-z).exp())),
    "erf": (lambda z: z.erf(), lambda z: 2 * (-z * z).exp() / flint.arb.pi().sqrt()),
}
SMOOTH = [name for name, found in ACTIVATIONS.items() if isinstance(found, Bounded)]
KINKED = [name for name, found in ACTIVATIONS.items() if isinstance(found, Homogeneous)]


def pull(activation: str, n: int = 9, d: int = 2, k: int = 1, seed: int = 0) -> Pull:
    rng = np.random.default_rng(seed)
    return Pull(ACTIVATIONS[activation], rng.standard_normal((n, d)), rng.standard_normal((n, k)) / n)


@pytest.mark.parametrize("name", SMOOTH)
def test_values_and_slopes_are_as_accurate_as_the_bounds_assume(name: str) -> None:
    sigma, (value, slope) = ACTIVATIONS[name], BALLS[name]
    assert isinstance(sigma, Bounded)
    z = np.concatenate([np.random.default_rng(1).standard_normal(400) * 3, [0.0, 1e-300, -1e-9, 20.0, -40.0, 700.0]])
    for at, found, steep in zip(z.tolist(), sigma.value(z).tolist(), sigma.slope(z).tolist(), strict=True):
        with flint.ctx.workprec(200):
            exact, rising = value(flint.arb(at)), slope(flint.arb(at))
            assert bool(abs(exact - flint.arb(found)) <= FUNCTION * abs(exact) + flint.arb(2) ** -1070)
            assert bool(abs(rising - flint.arb(steep)) <= 2 * FUNCTION * sigma.steepest)


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_lie_between_their_bounds_over_intervals(name: str) -> None:
    sigma = ACTIVATIONS[name]
    assert isinstance(sigma, Bounded)
    rng = np.random.default_rng(2)
    low = 3 * rng.standard_normal(500)
    high = low + rng.exponential(1.0, 500)
    least, most = sigma.slopes(low, high)
    for share in np.linspace(0, 1, 21):
        slope = sigma.slope(low + share * (high - low))
        assert ((least <= slope) & (slope <= most)).all()
    assert (most <= sigma.steepest * (1 + 1e-2)).all()


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("name", [*SMOOTH, *KINKED])
def test_a_and_its_change_over_a_box_lie_in_their_enclosures(name: str, k: int) -> None:
    a, rng = pull(name, k=k), np.random.default_rng(3)
    centres, halves = 3 * rng.standard_normal((40, 2)), rng.exponential(0.3, (40, 2))
    found = a.over(centres, halves)
    middle = a.at(centres)
    steep = np.maximum(np.abs(found.low), np.abs(found.high))
    for _ in range(50):
        moved = centres + rng.uniform(-1, 1, (40, 2)) * halves
        change = np.abs(a.at(moved) - middle)
        assert (change <= (steep * halves[:, None, :]).sum(-1) + 1e-12).all()


@pytest.mark.parametrize("name", SMOOTH)
def test_the_value_at_a_centre_is_within_its_radius_of_the_exact_one(name: str) -> None:
    a, value = pull(name), BALLS[name][0]
    centres = 3 * np.random.default_rng(4).standard_normal((20, 2))
    found = a.over(centres, np.zeros((20, 2)))
    for centre, middle, radius in zip(centres, found.centre[:, 0], found.radius[:, 0], strict=True):
        with flint.ctx.workprec(200):
            exact = flint.arb(0)
            for row, q in zip(a.x.tolist(), a.q[:, 0].tolist(), strict=True):
                z = sum((flint.arb(t) * flint.arb(x) for t, x in zip(centre.tolist(), row, strict=True)), flint.arb(0))
                exact += flint.arb(q) * value(z)
            assert bool(abs(exact - flint.arb(float(middle))) <= flint.arb(float(radius)))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("d, k", [(1, 1), (2, 1), (2, 2), (3, 1)])
def test_no_particle_of_many_lies_below_the_enclosed_infimum(name: str, d: int, k: int) -> None:
    landscape = Landscape(pull(name, d=d, k=k), 0.01, 0.01)
    found = infimum(landscape, np.zeros((0, d)), 1e-6, 200_000)
    drawn = landscape.radius() * np.random.default_rng(5).uniform(-1, 1, (20_000, d))
    near = found.at + 0.01 * np.random.default_rng(6).standard_normal((20_000, d))
    least = min(float(landscape.value(theta).min()) for theta in (drawn, near))
    assert found.low <= least
    assert found.resolved
    assert found.reached - found.low <= 3e-6
    assert landscape.value(found.at[None])[0] == pytest.approx(found.reached, rel=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_bounds_over_boxes_are_below_every_value_in_them_and_close_in(name: str) -> None:
    landscape, rng = Landscape(pull(name), 0.02, 0.01), np.random.default_rng(7)
    centres = 3 * rng.standard_normal((60, 2))
    for half in (1.0, 0.1, 1e-3):
        halves = np.full((60, 2), half)
        bounds = landscape.below(centres, halves)
        for _ in range(50):
            values = landscape.value(centres + rng.uniform(-1, 1, (60, 2)) * halves)
            assert (bounds <= values + 1e-12).all()
    assert (landscape.value(centres) - bounds).max() < 0.1


@pytest.mark.parametrize("name", KINKED)
@pytest.mark.parametrize("d, k", [(1, 1), (2, 1), (2, 2), (3, 1)])
def test_no_direction_of_many_is_steeper_than_the_enclosed_one(name: str, d: int, k: int) -> None:
    a = pull(name, d=d, k=k)
    found = steepest(a, np.zeros((0, d)), 1e-4, 200_000)
    theta = np.random.default_rng(8).standard_normal((20_000, d))
    ratios = np.linalg.norm(a.at(theta), axis=1) / np.linalg.norm(theta, axis=1)
    assert ratios.max() <= found.high * (1 + 1e-12)
    assert found.reached <= found.high <= found.reached * 1.001
    assert np.linalg.norm(found.at) == pytest.approx(1)
