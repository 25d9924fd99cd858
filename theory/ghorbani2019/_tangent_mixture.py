"""The neural tangent risk on the mixture: exact given W, and its mean over isotropic W (σ = x², Σ = I).

Given W. The class is {c + ⟨x, Ax⟩ : P⊥AP⊥ = 0}, P⊥ the projection orthogonal to span(W). In the class y = ±1 the mean
of ⟨x,Ax⟩ is Tr A ∓ ⟨A,Δ⟩ and its variance 2Tr(A(I∓Δ)A(I∓Δ)). With the best c, E(y − f)² = 1 + 2⟨A,Δ⟩ + ⟨A,Δ⟩² + 2‖A‖² +
2Tr(AΔAΔ), so

    R = 1/(1 + X),  X = sup_A ⟨A,Δ⟩²/(2‖A‖² + 2Tr AΔAΔ) = ½⟨ΠΔ, (I + ΠDΠ)⁻¹ΠΔ⟩,  ΠA = A − P⊥AP⊥,  D(A) = ΔAΔ.

I + D ⪰ 1 − max δ² is positive definite for a regular mixture; conjugate gradients on d × d matrices solve it. N ≥ d: Π
= I and X = ½Σ δ²/(1+δ²).

Mean over W. P⊥ is a uniformly random projection of rank k = (d − N)₊, α = k/d. D is O(1/d), so X = ½(a₀ − a₁ + a₂ − …),
a_j = ⟨ΠΔ, (DΠ)^j ΠΔ⟩, closed by its Padé form a₀ − a₁²/(a₁+a₂). With T_n = Tr Δⁿ, and P = P⊥:

    a₀ = T₂ − Tr(PΔPΔ),    a₁ = T₄ − 2Tr(PΔPΔ³) + Tr(PΔ)⁴,
    a₂ = T₆ − 2Tr(PΔPΔ⁵) + Tr(PΔPΔ²PΔPΔ²) − Tr(PΔ³PΔ³) + 2Tr(PΔ³PΔPΔPΔ) − Tr(PΔ)⁶,

the last from a₂ = ‖DΠΔ‖² − ‖P(DΠΔ)P‖². E Tr(PΔᵃPΔᵇ) = (x+y)T_{a+b} + yT_aT_b, y = k(d−k)/(d(d+2)(d−1)), x = k/d −
y(d+1), exactly (Theorem 2's Haar moments); longer words by free probability (`_free_moments`), relative error O(1/d²)
in terms that are O(1/d).

The curvature of 1/(1+X) adds Var X/(1+X)³. Var a₀ to leading order: P = α + F, Tr(PΔPΔ) = const + Tr(FA) + Tr(FD₀FD₀),
D₀ = Δ − τ, τ = TrΔ/d, A = 2τD₀ + 2αD₀². Entries of F have variance c/2 off and c on the diagonal, c = 2(k −
k²/d)/((d−1)(d+2)), so Var a₀ = c(‖A‖² − Tr(A)²/d) + c²(‖D₀‖⁴ + Tr D₀⁴); X ≈ ½a₀/(1 + a₁/a₀) passes it on.
"""

from collections.abc import Callable

import numpy as np

from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory.ghorbani2019._free_moments import word
from lazy_assay.theory.ghorbani2019._mixture import congruent, roots, whitened
from lazy_assay.theory.ghorbani2019._mixture_equivalent import quadratic_gain
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, dense, spectrum
from lazy_assay.theory.ghorbani2019._span import basis, orthogonal


def complement(W: Array) -> Array:
    """The projection orthogonal to the columns of W; zero where they span R^d."""
    outside = orthogonal(W)
    return np.asarray(outside @ outside.T)


def projected(W: Array, Sigma: Array, Delta: Array) -> tuple[Array, Array]:
    """Δ̃ (d, d) and P⊥, orthogonal to span(Σ^{1/2}W). Raises InvalidParameterError where W has not d rows."""
    if len(W) != len(Sigma):
        raise InvalidParameterError(f"W has {len(W)} rows, but Sigma has size {len(Sigma)}; give them one size")
    return dense(whitened(Sigma, Delta)), complement(dense(roots(Sigma)[0]) @ basis(W))


def exact_given_weights(W: Array, Sigma: Array, Delta: Array) -> float:
    """R_NT(W) at any size, W (d, N), Σ, Δ general; to 1e-12 unless a class is nearly singular."""
    matrix, outside = projected(W, Sigma, Delta)
    if not outside.any():
        return 1 / (1 + quadratic_gain(matrix))
    target = matrix - congruent(outside, matrix)

    def apply(A: Array) -> Array:
        inside = congruent(matrix, A)
        return np.asarray(A + inside - congruent(outside, inside))

    return 1 / (1 + float((target * _conjugate_gradients(apply, target)).sum()) / 2)


def _conjugate_gradients(apply: Callable[[Array], Array], target: Array) -> Array:
    """A with apply(A) = target, in the space of symmetric matrices."""
    solution = np.zeros_like(target)
    residual = direction = target
    size = start = float((residual**2).sum())
    for _ in range(20 * len(target)):
        if size <= 1e-28 * start:
            break
        image = apply(direction)
        step = size / float((direction * image).sum())
        solution, residual = solution + step * direction, residual - step * image
        size, before = float((residual**2).sum()), size
        direction = residual + size / before * direction
    else:
        raise InvalidParameterError("Delta leaves a class nearly singular: the best function on it was not found")
    return solution


def mean_risk(d: int, N: int, Delta: Array) -> float:
    """E R_NT over W with i.i.d. N(0, I/d) columns, Σ = I, d ≥ 2; exact for N ≥ d."""
    delta = spectrum(whitened(np.ones(d), Delta))
    if d <= N:
        return 1 / (1 + quadratic_gain(delta))
    k, alpha = d - N, 1 - N / d
    y = k * (d - k) / (d * (d + 2) * (d - 1))
    x = k / d - y * (d + 1)
    trace = [float((delta**n).sum()) for n in range(7)]

    def twice(a: int, b: int) -> float:
        return (x + y) * trace[a + b] + y * trace[a] * trace[b]

    def free(*powers: int) -> float:
        return word(alpha, delta, powers)

    a0 = trace[2] - twice(1, 1)
    a1 = trace[4] - 2 * twice(1, 3) + free(1, 1, 1, 1)
    a2 = trace[6] - 2 * twice(1, 5) + free(1, 2, 1, 2) - twice(3, 3) + 2 * free(3, 1, 1, 1) - free(*[1] * 6)
    # The Padé form needs a1, a2 > 0, as they are for D ⪰ 0; an indefinite D may lack that where a0 hardly sees it.
    X = (a0 - a1**2 / (a1 + a2)) / 2 if min(a1, a2) > 0 else (a0 - a1 + a2) / 2
    variance = variance_of_a0(d, k, delta) / (4 * (1 + a1 / a0) ** 2)
    # Given any W the risk lies between that of all quadratic functions and 1.
    return min(max(1 / (1 + X) + variance / (1 + X) ** 3, 1 / (1 + quadratic_gain(delta))), 1.0)


def variance_of_a0(d: int, k: int, delta: Array) -> float:
    c = 2 * (k - k**2 / d) / ((d - 1) * (d + 2))
    tau = delta.mean()
    centred = delta - tau
    A = 2 * tau * centred + 2 * k / d * centred**2
    return float(c * (A @ A - A.sum() ** 2 / d) + c**2 * ((centred @ centred) ** 2 + (centred**4).sum()))


def one_over_d_coefficient(rho: float, Delta: Array) -> float:
    """c in E R_NT = limit + c/d + O(1/d²), √d·Δ of order one with moments m_n of its spectrum.

    From a₀: −αρ(m₂ − m₁²), the Haar moment's next order; from −a₁: m₄ − 2(α²m₄ + αρm₁m₃) + free moment of (Pe)⁴. Var X
    is O(1/d²).
    """
    e = spectrum(Delta) * len(Delta) ** 0.5
    m1, m2, m3, m4 = (float((e**n).mean()) for n in (1, 2, 3, 4))
    alpha = max(1 - rho, 0.0)
    limit = (m2 - alpha**2 * (m2 - m1**2) - alpha * m1**2) / 2
    # ρ in the variance of P is 1 − α.
    spread = alpha * (1 - alpha)
    fourth = m4 - 2 * (alpha**2 * m4 + spread * m1 * m3) + word(alpha, e, (1, 1, 1, 1)) / len(e)
    return (fourth + spread * (m2 - m1**2)) / 2 / (1 + limit) ** 2
