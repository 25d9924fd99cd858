"""Traces of words in a random projection P and a fixed matrix D: (1/d) Tr(P D^p1 P D^p2 … P D^pn) for large d.

A uniformly random projection of rank alpha d is asymptotically free from D, so that (Nica and Speicher, Lectures on the
Combinatorics of Free Probability, Theorem 14.4) the mean is the sum over non-crossing partitions of the letters P of
the product of the free cumulants of P over the blocks and of the normalised traces of D over the blocks of the Kreweras
complement. For Haar-distributed P the error is O(1/d^2) relative.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Blocks = tuple[tuple[int, ...], ...]


@cache
def non_crossing(n: int) -> tuple[Blocks, ...]:
    """All non-crossing partitions of 0 .. n-1."""
    return tuple(_partitions(tuple(range(n))))


def _partitions(points: tuple[int, ...]) -> Iterator[Blocks]:
    """The first point's block cuts what is left into intervals that are partitioned on their own."""
    if not points:
        yield ()
        return
    for block, gaps in _blocks(points):
        yield from _products(((block,),), gaps)


def _blocks(points: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], list[tuple[int, ...]]]]:
    rest = points[1:]
    for mask in range(2 ** len(rest)):
        chosen = [i for i in range(len(rest)) if mask >> i & 1]
        cuts = [-1, *chosen, len(rest)]
        gaps = [rest[a + 1 : b] for a, b in pairwise(cuts)]
        yield (points[0], *(rest[i] for i in chosen)), gaps


def _products(found: tuple[Blocks, ...], gaps: list[tuple[int, ...]]) -> Iterator[Blocks]:
    for gap in gaps:
        found = tuple(left + right for left in found for right in _partitions(gap))
    yield from found


@cache
def kreweras(partition: Blocks, n: int) -> Blocks:
    """The complement: letter k' sits between k and k+1; k' is followed by k'', k'' before k+1 in the block of k+1."""
    before = {point: block[i - 1] for block in partition for i, point in enumerate(block)}
    left, cycles = set(range(n)), []
    while left:
        start = k = min(left)
        cycle = []
        while k in left:
            left.remove(k)
            cycle.append(k)
            k = before[(k + 1) % n]
        assert k == start
        cycles.append(tuple(cycle))
    return tuple(cycles)


def projection_cumulants(alpha: float, n: int) -> list[float]:
    """kappa_0 (unused) .. kappa_n of a projection of trace alpha: the sum over non-crossing partitions is alpha."""
    cumulants = [0.0]
    for order in range(1, n + 1):
        known = 0.0
        for partition in non_crossing(order):
            if len(partition) > 1:
                known += float(np.prod([cumulants[len(block)] for block in partition]))
        cumulants.append(alpha - known)
    return cumulants


def word(alpha: float, values: Array, powers: Sequence[int]) -> float:
    """d times the free moment of P D^p1 … P D^pn; values: the eigenvalues of D, shape (d,)."""
    n = len(powers)
    cumulants = projection_cumulants(alpha, n)
    highest = sum(powers)
    traces = [float((values**p).mean()) for p in range(highest + 1)]
    total = 0.0
    for partition in non_crossing(n):
        weight = np.prod([cumulants[len(block)] for block in partition])
        total += float(weight * np.prod([traces[sum(powers[i] for i in block)] for block in kreweras(partition, n)]))
    return len(values) * total
