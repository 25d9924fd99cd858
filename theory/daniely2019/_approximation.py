"""The exact mean behind Corollary 3 and Theorem 4, and what their bounds are made of.

With f = Σ_j c_j k(·, z_j), f_ω(x) = (1/q)Σ_i <f̌(ω_i), ψ(ω_i, x)> is a mean of q independent terms of mean f(x), so

    q E|f(x) − f_ω(x)|² = Var <f̌(ω), ψ(ω, x)> = Σ_jl c_j c_l [<z_j,x><z_l,x> E σ'(u_j)σ'(u_l)σ'(v)² − k(z_j,x)k(z_l,x)],

u_j = <ω, z_j>, v = <ω, x>. In the mean over x ~ D this is cᵀ(A − B)c, an equality at every q and d.

Theorem 4 in these terms. |σ'| ≤ C gives <f̌, ψ(ω, x)>² ≤ C²<f̌, x>², and E_x<f̌, x>² ≤ (R²/d)‖f̌‖²: A ⪯ (R²C²/d)K.

Isotropic D (E xxᵀ = I/d). For abs σ'² = 1, so A = K/d exactly and q E‖f − f_ω‖²_D = ‖f‖²_k/d − ‖f‖²_D. For ReLU, if D
is symmetric under x → −x besides, the two signs together give P(u_j, u_l, v > 0) + P(u_j, u_l > 0, v < 0), which is
E σ'(u_j)σ'(u_l), and half of it each: A = K/(2d), and q E‖f − f_ω‖²_D = ‖f‖²_k/(2d) − ‖f‖²_D.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from lazy_assay.theory.daniely2019._kernel_space import KernelFunction, Scheme
from lazy_assay.theory.daniely2019._third_moment import third_moment

Array = np.ndarray


def second_moments(activation: str, centres: Array, points: Array) -> tuple[Array, Array, float]:
    """A and B, shape (centres, centres), for D uniform on `points`; and a bound on the error of an entry of A."""
    different, counts = np.unique(points, axis=0, return_counts=True)
    share = counts / counts.sum()
    to = np.clip(centres @ different.T, -1.0, 1.0)
    between = np.clip(centres @ centres.T, -1.0, 1.0)
    rows, columns = np.triu_indices(len(centres))
    moment, error = third_moment(activation, to[rows], to[columns], between[rows, columns][:, None])
    A = np.zeros_like(between)
    A[rows, columns] = A[columns, rows] = (to[rows] * to[columns] * moment) @ share
    k = Scheme(activation).kernel(centres, different)
    return A, (k * share) @ k.T, error


@lru_cache(maxsize=512)
def _spread(activation: str, c: int, d: int, *raw: bytes) -> tuple[float, float, float]:
    """cᵀAc, cᵀBc and the error of the former, from arrays as bytes: a prediction is asked for many times."""
    centres, coefficients, points = (np.frombuffer(each) for each in raw)
    A, B, error = second_moments(activation, centres.reshape(c, d), points.reshape(-1, d))
    weight = float(np.abs(coefficients).sum()) ** 2
    return float(coefficients @ A @ coefficients), float(coefficients @ B @ coefficients), weight * error


def spread(activation: str, centres: Array, coefficients: Array, points: Array) -> tuple[float, float, float]:
    """cᵀAc, cᵀBc and the quadrature error of the former."""
    raw = [np.ascontiguousarray(each, dtype=float).tobytes() for each in (centres, coefficients, points)]
    return _spread(activation, *centres.shape, *raw)


def exact_mean(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> float:
    """E‖f − f_ω‖²_D = cᵀ(A − B)c/q, D uniform on the points."""
    second, squared, _ = spread(activation, centres, coefficients, points)
    return (second - squared) / q


def quadrature_error(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> float:
    """A bound on the error of `exact_mean` (0 where the activation's moments are closed)."""
    return spread(activation, centres, coefficients, points)[2] / q


def boundedness(points: Array) -> float:
    """R of D uniform on the points: R² = d·‖E xxᵀ‖, the least that serves; at least 1, whatever is rounded."""
    d = points.shape[1]
    return max(1.0, float(np.sqrt(d / len(points)) * np.linalg.norm(points, 2)))


def bound_arguments(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> dict[str, Any]:
    """q, d, R, C and ‖f‖ of a configuration: what the bounds of Corollary 3 and Theorem 4 are functions of."""
    scheme = Scheme(activation)
    f = KernelFunction(scheme, centres, coefficients)
    norm = float(np.sqrt(max(f.squared_norm, 0.0)))
    return {"q": q, "d": points.shape[1], "R": boundedness(points), "C": scheme.bound, "f_norm": norm}


def norm_in_data(centres: Array, coefficients: Array, activation: str, points: Array) -> float:
    """‖f‖_D for D uniform on the points."""
    values = KernelFunction(Scheme(activation), centres, coefficients)(points)
    return float(np.sqrt(np.mean(values**2)))
