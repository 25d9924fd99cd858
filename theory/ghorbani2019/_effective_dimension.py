"""One equation under both the limit and the finite-size risk: sum_k m_k c_k x / (1 + c_k x) + e x = T, for x > 0."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Newton converges quadratically from the left; the cap is a guard against a cycle in the last digit, never reached.
_STEPS = 200


def solve_effective_dimension(total: float, values: Array, multiplicities: Array, continuum: float) -> float:
    """The unique x > 0 with g(x) = sum_k m_k c_k x / (1 + c_k x) + e x = total.

    c_k = `values` >= 0 and m_k = `multiplicities` > 0, shape (K,); e = `continuum` >= 0. g increases strictly from 0
    and is concave, as each of its terms; it is unbounded if e > 0 and tends to sum of m_k over c_k > 0 otherwise, so
    that the root exists and is unique iff total lies below that. Since g(x) <= g'(0) x, total / g'(0) lies left of
    it, and from there Newton's method increases to it: the tangent of a concave function lies above the function. The
    root is good to a few rounding errors times its condition number g / (x g') >= 1 (large only where g is nearly
    flat).

    Raises:
        ValueError: total is not positive or g never reaches it.
    """
    rank = np.inf if continuum > 0 else float(multiplicities[values > 0].sum())
    if not 0 < total < rank:
        raise ValueError(f"no positive root: the effective dimension takes values in (0, {rank}), asked for {total}")
    x = total / (float(multiplicities @ values) + continuum)
    for _ in range(_STEPS):
        load = values * x
        missing = total - float(multiplicities @ (load / (1 + load))) - continuum * x
        step = missing / (float(multiplicities @ (values / (1 + load) ** 2)) + continuum)
        if not x + step > x:
            break
        x += step
    return x
