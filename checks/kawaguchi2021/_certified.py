"""Networks and data of this paper's rank claims: drawn by the streams, certified, told as certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.checks import Certificate, Context, Route, Scalar, Setting, Verdict
from lazy_assay.sims.deep import fully_connected
from lazy_assay.sims.rank import RankResult, RankVerdict, Scope, certified_rank

if TYPE_CHECKING:
    from torch import nn

Array = np.ndarray
FULL, DEFICIENT = RankVerdict.FULL, RankVerdict.DEFICIENT
DRAWN = Route(name="drawn weights", simulate=fully_connected.inputs_and_weights)
# What ball arithmetic may cost one network, in its own estimate of seconds.
EFFORT = {"quick": 1.0, "full": 8.0, "nightly": 60.0}


@dataclass(frozen=True)
class Drawn:
    """Inputs (n, m_x) and flat weights of one draw, from which networks of several activations are made."""

    widths: tuple[int, ...]
    x: Array
    weights: Array

    def module(self, activation: str = "softplus", zeta: float = 1.0) -> nn.Module:
        """The float64 network."""
        return fully_connected.network(widths=self.widths, weights=self.weights, activation=activation, zeta=zeta)


def drawn(
    context: Context,
    n: int,
    widths: tuple[int, ...],
    *,
    gain: float = 1.0,
    bias_scale: float = 1.0,
    trials: int = 1,
    label: str = "",
) -> list[Drawn]:
    """Independent draws of n inputs and of the weights of a network of these widths (m_x, m_1, …, m_H, m_y)."""
    configuration: dict[str, Scalar] = {"n": n, "widths": shown(widths), "gain": gain, "bias_scale": bias_scale}
    values = {"samples": n, "widths": np.array(widths), "gain": gain, "bias_scale": bias_scale}
    rows = context.draws(DRAWN, Setting(configuration, values), stage=f"rank {label}", batch=0, trials=trials)
    return [Drawn(widths, *fully_connected.split(row, n, widths[0])) for row in rows]


def shown(widths: tuple[int, ...]) -> str:
    """Widths in a configuration."""
    return " ".join(map(str, widths))


def effort(context: Context) -> float:
    """Of this profile."""
    return EFFORT[context.profile.name]


def certify(
    context: Context, module: Any, x: Array, *, scope: Scope = Scope.GIVEN, wanted: RankVerdict = FULL
) -> Certificate:
    """AGREES where the verdict is the one wanted, DISAGREES where it is the opposite, UNDECIDED without a verdict."""
    return told(certified_rank(module, context.planted(x, twice), scope=scope, effort=effort(context)), wanted)


def twice(x: Array) -> Array:
    """Inputs with the first in the place of the last: no weights give them full rank."""
    return np.vstack([x[:-1], x[:1]])


def told(result: RankResult, wanted: RankVerdict = FULL) -> Certificate:
    """A result as a certificate: the rank that is proved (at most n − 1 where deficient) against n."""
    outcome = Verdict.UNDECIDED if result.certificate is None else Verdict.DISAGREES
    if result.verdict is wanted:
        outcome = Verdict.AGREES
    proved: Mapping[RankVerdict, float] = {FULL: result.samples, DEFICIENT: min(result.samples - 1, result.columns)}
    return Certificate(
        outcome=outcome,
        reason=f"{result.verdict}: {result.reason}",
        quantity=float(proved.get(result.verdict, np.nan)),
        threshold=float(result.samples),
    )
