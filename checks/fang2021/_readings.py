"""What of a training beside its tangent model is compared: a reading at an epoch, at a loss, or over the whole run.

Draws have shape (trials, readings, checkpoints), as `sims.two_layer.tangent` makes them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Quantity = Callable[[Array], Array]
Reading = Callable[[Array], Array]


def reading(index: int) -> Quantity:
    """One of the simulation's own readings, (trials, checkpoints)."""
    return lambda draws: draws[:, index]


TRAIN, GAP, THETA, U, TEST, ERROR = (reading(index) for index in (0, 4, 5, 6, 2, 7))


def objective(draws: Array) -> Array:
    """|loss of the network − loss of its tangent model| at the training points, in nats."""
    return np.asarray(np.abs(draws[:, 0] - draws[:, 1]))


def held_out(draws: Array) -> Array:
    """The same at the test points."""
    return np.asarray(np.abs(draws[:, 2] - draws[:, 3]))


def advantage(draws: Array) -> Array:
    """Share of test points that the tangent model gets wrong less that of the network."""
    return np.asarray(draws[:, 8] - draws[:, 7])


def at_checkpoint(quantity: Quantity, index: int) -> Reading:
    """The quantity at a checkpoint."""
    return lambda draws: np.asarray(quantity(draws)[:, index])


def over_training(quantity: Quantity) -> Reading:
    """Its mean over the checkpoints but the first, where nothing has moved yet."""
    return lambda draws: np.asarray(quantity(draws)[:, 1:].mean(axis=1))


def at_loss(quantity: Quantity, loss: float) -> Reading:
    """The quantity where the network's training loss first is `loss`, between checkpoints by its logarithm.

    Infinite for a trial whose loss never comes down to it.
    """

    def read(draws: Array) -> Array:
        return np.array(
            [_crossing(losses, values, loss) for losses, values in zip(TRAIN(draws), quantity(draws), strict=True)]
        )

    return read


def _crossing(losses: Array, values: Array, loss: float) -> float:
    below = np.flatnonzero(losses <= loss)
    if not below.size:
        return float("inf")
    last = int(below[0])
    if last == 0:
        return float(values[0])
    before, after = np.log(losses[last - 1]), np.log(losses[last])
    share = (before - np.log(loss)) / (before - after)
    return float((1 - share) * values[last - 1] + share * values[last])


def doublings(read: Reading) -> Reading:
    """log2 of a positive reading: a difference of two is a ratio, whatever their unit."""
    return lambda draws: np.log2(read(draws))
