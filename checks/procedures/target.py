"""What a confidence set is held against: a prediction, the distances that matter, and the side on which they matter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lazy_assay.checks.vocabulary.status import TIGHTER


@dataclass(frozen=True)
class Target:
    """What is compared with draws: a prediction and the distances that matter, on the side where they matter."""

    predicted: float
    bias: float
    resolution: float
    side: str = "both"

    def agrees(self, interval: tuple[float, float]) -> bool:
        """Whether the confidence set lies inside prediction ± (bias + resolution), on the allowed side."""
        reach = self.bias + self.resolution
        above = interval[1] <= self.predicted + reach or self.side == "above"
        below = interval[0] >= self.predicted - reach or self.side == "below"
        return above and below

    def refutes(self, interval: tuple[float, float]) -> bool:
        """Whether the confidence set is disjoint from prediction ± bias, on the side that is not allowed."""
        over = interval[0] > self.predicted + self.bias and self.side != "above"
        under = interval[1] < self.predicted - self.bias and self.side != "below"
        return over or under

    def hopeless(self, interval: tuple[float, float]) -> bool:
        """Whether the confidence set can no longer come to agree: it lies beyond the reach already."""
        reach = self.bias + self.resolution
        return replace(self, bias=reach, resolution=0.0).refutes(interval)

    def placed(self, interval: tuple[float, float]) -> bool:
        """Whether the confidence set tells if a bound that is one percent tighter would be refuted.

        So does one that is as narrow as that percent: what lies across is not worth more draws.
        """
        if self.side == "both":
            return True
        moved = TIGHTER * abs(self.predicted)
        tighter = replace(self, predicted=self.predicted + (moved if self.side == "above" else -moved), resolution=0.0)
        return tighter.refutes(interval) or tighter.agrees(interval) or interval[1] - interval[0] <= moved

    def suspicion(self, estimate: float) -> float:
        """How far the estimate lies beyond the bias, in units of bias + resolution."""
        gap = estimate - self.predicted
        gap = {"both": abs(gap), "below": gap, "above": -gap}[self.side]
        scale = self.bias + self.resolution
        return (gap - self.bias) / scale if scale > 0 else gap
