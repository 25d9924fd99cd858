"""Deficiency, proved exactly: by counting, by rows or units that coincide, by a rational null vector."""

from __future__ import annotations

import flint
import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._integers import Integers, Rational, integer_matrix
from lazy_assay.sims.rank._names import Names, equal_rows
from lazy_assay.sims.rank._result import NoVerdictError, Proof
from lazy_assay.sims.rank.program import Program

Array = np.ndarray
IRRATIONAL = (p.Gelu, p.Normalisation, p.Sigmoid, p.Silu, p.Softmax, p.Softplus, p.Tanh)
PRIMES = (2**61 - 1, 2**64 - 59)


def is_rational(operation: p.Operation) -> bool:
    """Whether rational numbers stay rational, and are computed exactly."""
    if isinstance(operation, p.Function):
        return operation.integers(np.zeros(1, dtype=object)) is not None
    return not isinstance(operation, IRRATIONAL)


def counted(program: Program, data: Array) -> Proof | None:
    """Fewer columns than rows."""
    if program.columns >= len(data):
        return None
    return Proof(rung="count", numbers={"columns": program.columns, "samples": len(data)}, every_weight=True)


def duplicates(program: Program, data: Array) -> Proof | None:
    """Two samples that the network treats alike, whatever the weights are: equal ones, or ones that are equal up to
    what it does not see, as the order of tokens without positions."""
    pair = equal_rows(program.run(Names(), data))
    if pair is None:
        return None
    rung = "duplicate samples" if np.array_equal(*data[list(pair)]) else "samples treated alike"
    return Proof(rung=rung, numbers={"first": pair[0], "second": pair[1]}, every_weight=True)


def repeated_units(program: Program, data: Array) -> Proof | None:
    """Units of the last hidden layer that are equal, or constant because they read nothing: too few are left."""
    layer = program.last_layer()
    if layer is None:
        return None
    W, b = layer[0].weight, layer[0].bias
    columns = np.vstack([W, np.zeros(W.shape[1]) if b is None else b]).T
    reading = W.any(axis=0)
    # Constant units lie in the span of the column of ones, or of one another.
    constant = 1 if program.ones or not reading.all() else 0
    distinct = len({tuple(column) for column in columns[reading].tolist()})
    if distinct + constant >= len(data):
        return None
    return Proof(rung="repeated units", numbers={"independent columns at most": distinct + constant})


def coinciding_rows(program: Program, data: Array, number: int) -> Proof | None:
    """Two samples that an exact rational prefix of the network maps to the same numbers, which all later steps treat
    alike."""
    value: Rational = program.run(Integers(), data, number)
    names = Names()
    pair = equal_rows(program.run(names, data, given={number: names.of(value.numerators)}))
    if pair is None:
        return None
    where = program.steps[number - 1].name
    return Proof(rung="coinciding rows", numbers={"first": pair[0], "second": pair[1], "after": where})


def last_rational(program: Program) -> int | None:
    """The last value that everything later goes through and that rational arithmetic reaches: where rows may
    coincide."""
    found, fixed = None, program.weights_alone()
    for number in range(1, program.output):
        if not is_rational(program.steps[number - 1].operation):
            break
        later = {i for step in program.steps[number : program.output] for i in step.inputs}
        if number not in fixed and all(i >= number for i in later - fixed):
            found = number
    return found


def exact_rank(program: Program, data: Array) -> tuple[bool, Proof]:
    """Of a network that stays rational (linear, ReLU): whether its rank is full. Raises NoVerdictError if it is not
    rational.

    Full: the rank modulo a prime is n, and reduction never raises a rank. Deficient: a rational left null vector, from
    rows that are independent modulo the prime, checked exactly against every column.
    """
    h: Rational = program.run(Integers(), data)
    numbers = h.numerators.reshape(len(data), -1)
    if program.ones:
        # The common unit scales h alone, which changes no rank.
        numbers = np.hstack([numbers, np.ones((len(data), 1), dtype=object)])
    A = integer_matrix(numbers)
    for prime in PRIMES:
        rows = _pivots(flint.nmod_mat(A.transpose(), prime))
        if len(rows) == len(data):
            return True, Proof(rung="rank modulo a prime", numbers={"prime": prime, "rank": len(rows)})
        if _null_vector(numbers, rows, prime):
            return False, Proof(rung="rational null vector", numbers={"rank at most": len(data) - 1, "prime": prime})
    raise NoVerdictError("no rational null vector was found")


def _pivots(matrix: flint.nmod_mat) -> list[int]:
    """The pivot columns of the reduced row echelon form."""
    reduced, rank = matrix.rref()
    table = np.array([int(x) != 0 for x in reduced.entries()]).reshape(reduced.nrows(), reduced.ncols())
    return [int(row.argmax()) for row in table[:rank]]


def _null_vector(numbers: Array, rows: list[int], prime: int) -> bool:
    """Whether the first row outside `rows` is exactly a rational combination of them."""
    other = next(i for i in range(len(numbers)) if i not in set(rows))
    target = numbers[other]
    if not rows:
        return not target.any()
    columns = _pivots(flint.nmod_mat(integer_matrix(numbers[rows]), prime))
    square = integer_matrix(numbers[np.ix_(rows, columns)].T)
    combination = flint.fmpq_mat(square).solve(flint.fmpq_mat(integer_matrix(target[columns].reshape(-1, 1))))
    whole = flint.fmpq_mat(integer_matrix(numbers[rows].T)) * combination
    return bool(whole == flint.fmpq_mat(integer_matrix(target.reshape(-1, 1))))
