"""Columns that are tied by a linear relation, whatever the weights are: the entries of a normalised row sum to zero,
those of a softmax to one.

A value is *related* along rows of `width` entries if some a ≠ 0 and c have a·v = c for every such row v. A constant
factor γ keeps that (a/γ; where some γ_j = 0 the j-th unit vector does), and so do a constant summand, a multiple, rows
moved as a whole, and sums of rows. Rows of a related value are h_i = (v_1, …, v_r): r independent relations between the
columns of [h, 1], whose rank is m_H + 1 − r at most.
"""

from __future__ import annotations

from itertools import dropwhile

import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._result import Proof
from lazy_assay.sims.rank.program import Program

Array = np.ndarray


def related_columns(program: Program, data: Array) -> Proof | None:
    """Fewer independent columns than rows, where there is a column of ones."""
    if not program.ones:
        return None
    relations = max((program.width // w for w in _widths(program) if _related(program, program.output, w)), default=0)
    left = program.columns - relations
    if not relations or left >= len(data):
        return None
    return Proof(rung="related columns", numbers={"independent columns at most": left}, every_weight=True)


def _widths(program: Program) -> set[int]:
    """Of rows that are normalised, or that softmax is taken of, and that features are made of."""
    found = {
        program.shapes[number][-1]
        for number, step in enumerate(program.steps, 1)
        if isinstance(step.operation, (p.Normalisation, p.Softmax))
    }
    return {width for width in found if width and program.width % width == 0}


def _related(program: Program, number: int, width: int) -> bool:
    """Whether the value is related along rows of this width, in the order in which its entries lie."""
    while number:
        step = program.steps[number - 1]
        match step.operation:
            case p.Normalisation(scale, shift, epsilon, mean=None, absorbable=False):
                # One sample, whose channels are the rows: each is normalised by itself.
                first, *_, last = shape = program.shapes[number]
                return (
                    len(shape) == 3
                    and (first, last) == (1, width)
                    and epsilon > 0
                    and bool((scale == 1).all() and (shift == 0).all())
                )
            case p.Softmax():
                return program.shapes[number][-1] == width
            case p.Reshape() | p.Scale() | p.Divide():
                (number,) = step.inputs
            case p.Multiply() | p.Add():
                number = _other(program, number, width)
            case p.Gather(index) if len(step.inputs) == 1 and _are_rows(index, width):
                (number,) = step.inputs
            case p.Total():
                number = _summed(program, step.inputs[0], width)
            case _:
                return False
    return False


def _other(program: Program, number: int, width: int) -> int:
    """What a constant row is added to or multiplied with; 0 where that is not so."""
    for constant, other in (inputs := program.steps[number - 1].inputs, inputs[::-1]):
        step = program.steps[constant - 1] if constant else None
        if step is None or not isinstance(step.operation, p.Constant) or not other:
            continue
        row = tuple(dropwhile(lambda size: size == 1, step.operation.values.shape))
        whole = bool(row) and int(np.prod(row)) == width and program.shapes[number][-len(row) :] == row
        if whole and program.shapes[other] == program.shapes[number]:
            return other
    return 0


def _are_rows(index: Array, width: int) -> bool:
    """Whether entries are moved in whole rows."""
    if index.size % width:
        return False
    rows = index.reshape(-1, width)
    first = rows[:, :1]
    return bool((first > 0).all() and ((first - 1) % width == 0).all() and (rows == first + np.arange(width)).all())


def _summed(program: Program, number: int, width: int) -> int:
    """What rows are summed of; 0 where the sum is not one of whole rows."""
    count = program.shapes[number][-1]
    step = program.steps[number - 1] if number else None
    if step is None or not isinstance(step.operation, p.Gather) or len(step.inputs) > 1:
        return 0
    index = step.operation.index
    if index.size % (width * count):
        return 0
    turned = index.reshape(-1, width, count).swapaxes(1, 2).ravel()
    return step.inputs[0] if _are_rows(turned, width) else 0
