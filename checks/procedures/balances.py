"""Both sides measured: a statement that ties numbers of one run to one another, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lazy_assay.checks.procedures.pointwise import Case, Pointwise, right
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.theory import Balance, Claim, Part


@dataclass(frozen=True, kw_only=True)
class Balances(Pointwise):
    """Holds each row of a simulation's draws, shape (trials, 1 + measured + further), against what the row itself says.

    The first column is the quantity, the next ones what the part calls `measured`, by its names; `further` names the
    rest, which only budgets and allowances take (a second tolerance of an integrator, a scale). A row with a number
    that is not finite has diverged. The row furthest beyond its budget is the configuration's result.
    """

    further: tuple[str, ...] = ()
    name: str = "both sides"

    def validate(self, claim: Claim) -> None:
        """As every pointwise check; and the part is a balance, no configuration of which holds what is measured."""
        super().validate(claim)
        part = claim.part(self.part)
        where = f"[{claim.id}{':' + part.name if part.name else ''}] {self.name}"
        if not isinstance(part, Balance):
            raise ValueError(
                f"{where}: the part is of kind {part.kind}, which has no measured side; Pointwise has formulas"
            )
        space = self.space
        every = (space.draws, *space.anchors, *space.further, *space.degenerate.values())
        held = {name for held in every for name in held}
        if taken := held & {*part.measured, *self.further}:
            raise ValueError(f"{where}: {min(taken)} is measured; no configuration holds it")

    def drawn(self, context: Context, part: Part, setting: Setting) -> list[Case]:
        """The rows of one setting, each with the values that it measured beside those of the configuration."""
        assert isinstance(part, Balance)
        context.guard()
        columns = (*part.measured, *self.further)
        rows, *coarser = (
            context.draws(route, setting, stage="search", batch=0, trials=self.route.trials(setting.values))
            for route in self.paths
        )
        if rows.ndim != 2 or rows.shape[1] != 1 + len(columns):
            raise ValueError(
                f"[{context.claim.id}] {self.name}: {self.route.name} draws rows of shape {rows.shape[1:]}, not of "
                f"{1 + len(columns)} columns: the quantity, {', '.join(columns)}"
            )
        settings = [setting.beside(dict(zip(columns, map(float, row[1:]), strict=True))) for row in rows]
        draws = [float(row[0]) if np.isfinite(row).all() else np.nan for row in rows]
        if not coarser:
            return [Case(at, draw, self.tolerance(at)) for at, draw in zip(settings, draws, strict=True)]
        shifts = self._shifts(part, setting, rows, coarser[0])
        return [Case(at, q, self.tolerance(at, by)) for at, q, by in zip(settings, draws, shifts, strict=True)]

    def _shifts(self, part: Balance, setting: Setting, rows: np.ndarray, coarser: np.ndarray) -> list[float]:
        """How far quantity minus prediction moves from the coarser path to the route's own, row by row."""

        def defect(row: np.ndarray) -> float:
            measured = dict(zip((*part.measured, *self.further), map(float, row[1:]), strict=True))
            return float(row[0]) - right(part, {**setting.values, **measured})

        return [abs(defect(fine) - defect(coarse)) for fine, coarse in zip(rows, coarser, strict=True)]

    def worst(self, context: Context, part: Part, cases: Sequence[Case], subject: Subject, name: str) -> Result:
        """The row furthest beyond its budget, which stands for all of them."""
        return replace(super().worst(context, part, cases, subject, name), trials=len(cases))

    def compare(self, context: Context, part: Part, claimed: float, case: Case, subject: Subject, name: str) -> Result:
        """As every pointwise comparison; what was measured stands beside."""
        assert isinstance(part, Balance)
        found = super().compare(context, part, claimed, case, subject, name)
        measured = {key: case.setting.values[key] for key in (*part.measured, *self.further) if case.setting.values}
        return replace(found, figures={**found.figures, **measured})
