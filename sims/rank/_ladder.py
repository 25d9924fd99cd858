"""The ladder: cheap proofs first, and a reason where none holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lazy_assay.sims.modules.errors import ModuleError
from lazy_assay.sims.rank import _deficiency
from lazy_assay.sims.rank._guard import confirm
from lazy_assay.sims.rank._input import checked
from lazy_assay.sims.rank._relations import related_columns
from lazy_assay.sims.rank._result import NoVerdictError, Proof, RankResult, RankVerdict, Scope
from lazy_assay.sims.rank.enclosures import invertible as _invertible
from lazy_assay.sims.rank.enclosures.enclosure import Float64
from lazy_assay.sims.rank.enclosures.radii import Enclosure
from lazy_assay.sims.rank.enclosures.residual import residual
from lazy_assay.sims.rank.enclosures.separation import separation
from lazy_assay.sims.rank.program import Program, Relu, Softplus

Array = np.ndarray
# Seconds for one product of integers of a few hundred bits; steers the effort alone.
INTEGER_PRODUCT = 1e-7
SENTENCES = {
    "count": "there are fewer columns than samples",
    "related columns": "a normalisation, or a softmax, ties columns to one another",
    "duplicate samples": "two samples are equal",
    "samples treated alike": "two samples are equal up to what the network does not see",
    "repeated units": "too few units of the last hidden layer differ",
    "coinciding rows": "two samples are mapped to the same row, exactly",
    "rational null vector": "a rational combination of rows vanishes, exactly",
    "structural": "the last hidden layer can separate rows that are pairwise distinct",
    "residual": "‖I − A R‖ < 1 for every matrix within the radii",
    "residual, statistics absorbed": "‖I − A R‖ < 1 for every matrix within the radii, at scales and shifts that "
    "differ from the given ones in their last bits",
    "rank modulo a prime": "the integer matrix has rank n modulo a prime",
    "ball arithmetic": "n columns are invertible for every matrix within the balls",
}


def decided(module: Any, data: Any, scope: Scope, effort: float) -> RankResult:
    """What `sims.rank.certified_rank` answers."""
    try:
        found, array = checked(module, data)
        ladder = _Ladder(found.program, array, scope, effort)
        confirm(found, array)
        return ladder.climb()
    except ModuleError as error:
        return RankResult(verdict=RankVerdict.NONE, reason=str(error), scope=scope)


@dataclass
class _Ladder:
    program: Program
    data: Array
    scope: Scope
    effort: float
    tried: list[str] = field(default_factory=list)

    def climb(self) -> RankResult:
        # First of all, since data that do not fit the module show here.
        self.arithmetic = Float64()
        self.features = self._features(self.arithmetic)
        for rung in self._deficient():
            if (proof := rung(self.program, self.data)) is not None:
                return self._result(RankVerdict.DEFICIENT, proof)
        for full in (self._structural, self._residual, self._absorbed, self._exact, self._coincidence, self._balls):
            try:
                found = full()
            except NoVerdictError as error:
                self.tried.append(str(error))
                continue
            if found is not None:
                return self._result(*found)
        return self._result(RankVerdict.NONE, None)

    def _deficient(self) -> list[Callable[[Program, Array], Proof | None]]:
        """The rungs that prove deficiency without the numbers themselves; none where there may be no numbers."""
        if self.arithmetic.undefined:
            self.tried.append(f"{self.arithmetic.undefined} is not shown to be defined at its argument, as 1/0 is not")
            return []
        found: list[Callable[[Program, Array], Proof | None]] = [_deficiency.counted, related_columns]
        if separation(self.features) is None:
            found.append(_deficiency.duplicates)
        if self.scope is Scope.GIVEN:
            found.append(_deficiency.repeated_units)
        return found

    def _result(self, verdict: RankVerdict, proof: Proof | None) -> RankResult:
        numbers = (
            ", ".join(
                f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
                for name, value in proof.numbers.items()
            )
            if proof
            else ""
        )
        reason = f"{SENTENCES[proof.rung]} ({numbers})" if proof else f"nothing was proved: {'; '.join(self.tried)}"
        return RankResult(
            verdict=verdict,
            reason=reason,
            scope=self.scope,
            certificate=proof,
            samples=len(self.data),
            columns=self.program.columns,
            tried=tuple(self.tried),
        )

    def _structural(self) -> tuple[RankVerdict, Proof] | None:
        """See the package's docstring for the proof."""
        if self.scope is not Scope.SOME:
            return None
        layer = self.program.last_layer()
        top = self.program.steps[self.program.output - 1].operation if layer else None
        if layer is None or not isinstance(top, (Softplus, Relu)) or layer[0].bias is None:
            raise NoVerdictError("structural: the last hidden layer is not fully connected with softplus and a bias")
        if not self.program.last_is_free:
            raise NoVerdictError("structural: the last hidden layer shares weights with another")
        rows = self.program.run(Float64(), self.data, layer[1])
        found = separation(rows)
        if found is None:
            raise NoVerdictError("structural: penultimate rows could not be told apart in float64")
        return RankVerdict.FULL, Proof(rung="structural", numbers={"least gap": found.gap, "units": self.program.width})

    def _features(self, arithmetic: Float64) -> Enclosure:
        h = self.program.run(arithmetic, self.data)
        if h.middle.ndim != 2 or h.middle.shape[1] != self.program.width:
            raise NoVerdictError(
                f"the last layer reads {self.program.width} features, but they have shape {h.middle.shape}"
            )
        return self._with_ones(h)

    def _with_ones(self, h: Enclosure) -> Enclosure:
        if not self.program.ones:
            return h
        one = np.ones((len(self.data), 1))
        return Enclosure(np.hstack([h.middle, one]), np.hstack([h.radius, 0 * one]))

    def _residual(self) -> tuple[RankVerdict, Proof] | None:
        return self._by_residual(self.features, "residual")

    def _absorbed(self) -> tuple[RankVerdict, Proof] | None:
        batch = any(getattr(step.operation, "absorbable", False) for step in self.program.steps)
        if self.scope is not Scope.SOME or not batch or not self.program.norms_are_free:
            return None
        return self._by_residual(self._features(Float64(absorbed=True)), "residual, statistics absorbed")

    def _by_residual(self, features: Enclosure, rung: str) -> tuple[RankVerdict, Proof]:
        found = residual(features)
        if not found.ratio < 1:
            raise NoVerdictError(f"{rung}: the bound is {found.ratio:.3g}, not below 1")
        numbers = {"bound": found.ratio, "largest radius": found.largest_radius}
        return RankVerdict.FULL, Proof(rung=rung, numbers=numbers)

    def _exact(self) -> tuple[RankVerdict, Proof] | None:
        """Of a network that stays rational, unless integers are dearer than the effort allows."""
        if not all(_deficiency.is_rational(step.operation) for step in self.program.steps):
            return None
        self._afford()
        full, proof = _deficiency.exact_rank(self.program, self.data)
        if full:
            return RankVerdict.FULL, proof
        if self.scope is Scope.SOME:
            raise NoVerdictError("exact rank: deficient at these weights, which says nothing of others")
        return RankVerdict.DEFICIENT, proof

    def _coincidence(self) -> tuple[RankVerdict, Proof] | None:
        number = _deficiency.last_rational(self.program)
        if self.scope is Scope.SOME or number is None or self.arithmetic.undefined:
            return None
        rows = self.program.run(Float64(), self.data, number)
        flat = Enclosure(*(part.reshape(len(part), -1) for part in (rows.middle, rows.radius)))
        if len(flat.middle) == len(self.data) and separation(flat) is not None:
            return None
        self._afford()
        proof = _deficiency.coinciding_rows(self.program, self.data, number)
        return None if proof is None else (RankVerdict.DEFICIENT, proof)

    def _afford(self) -> None:
        if self.arithmetic.products * INTEGER_PRODUCT > self.effort:
            raise NoVerdictError("exact integers: dearer than the effort allows")

    def _balls(self) -> tuple[RankVerdict, Proof] | None:
        used = self.arithmetic
        bits = _invertible.precisions(len(self.data), used.products, used.elements, self.effort)
        return RankVerdict.FULL, _invertible.full_rank(self.program, self.data, self.features, bits)
