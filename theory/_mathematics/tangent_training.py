"""Gradient descent on the tangent model (8), in the coefficients β of Eq. (9).

The loss (1/n) Σ_i ½(f(x_i) − y_i)², r the residuals at the training points, step sizes η_u, η_θ. One step moves

    u_j by −η_u (α/m)(1/n) Σ_i r_i h(θ̃_j, x_i),      θ_j by −η_θ (α/m)(1/n) Σ_i r_i ũ_j ∇h(θ̃_j, x_i),

which is (9) with β^u, β^θ moved by −(η_uα²/mn) r and −(η_θα²/mn) r. So with S the sum of the residuals over the steps

    β^u = −(η_u α²/mn) S,   β^θ = −(η_θ α²/mn) S,   β^u/β^θ = η_u/η_θ exactly, at every step and for every loss;

and in the outputs f = f_0 + k^uβ^u + k^θβ^θ, f_0 = (α/m) Σ_j ũ_j h(θ̃_j, ·) the output at initialisation.

Where β can be read off. (9) says α(u − ũ) = Hᵀβ^u and α(θ − θ̃) = Gᵀβ^θ with the rows h(θ̃_·, x_i) of H, (n, m), and
ũ_·∇h(θ̃_·, x_i) of G, (n, md). Given the weights, <v, β^u> has one value for v in range H = (ker Hᵀ)^⊥ and any value
for other v: β^u is unique where the n rows are linearly independent (k_m^u(X, X) = HHᵀ/m is invertible), and β^θ
likewise by G. A point at which no neuron is active has rows of zeros in both, and its coefficients are in no weight
and no output. What the weights tell of the ratio is told in V = range H ∩ range G, where both are determined: for
every v in V, <v, β^u> = (η_u/η_θ)<v, β^θ>, whichever representation (9) is taken. Where V is {0}, or nothing moved
along it, there is nothing to read. V is the complement of ker Hᵀ + ker Gᵀ; any subspace of it reads the same ratio.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics.kernel_functions import Descent
from lazy_assay.theory._mathematics.two_layer import Array, features, kernel_theta, kernel_u, output, slopes

EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Start:
    """Weights at initialisation with data: f_0 and kernels at the training points X and at the inputs Z."""

    theta: Array
    u: Array
    alpha: float
    points: Array
    labels: Array
    centres: Array
    activation: str

    def offset(self, x: Array) -> Array:
        """f_0."""
        return output(self.theta, self.u, self.alpha, x, self.activation)

    def kernel_u(self, x: Array) -> Array:
        """k_m^u(x, X)."""
        return kernel_u(self.theta, x, self.points, self.activation)

    def kernel_theta(self, x: Array) -> Array:
        """k_m^θ(x, X)."""
        return kernel_theta(self.theta, self.u, x, self.points, self.activation)

    def rows(self) -> tuple[Array, Array]:
        """H (n, m) and G (n, md)."""
        H, S = (each(self.theta, self.points, self.activation) for each in (features, slopes))
        return H, ((S * self.u)[..., None] * self.points[:, None, :]).reshape(len(S), -1)

    def readable(self, cut: float = EPSILON**0.75, parallel: float = EPSILON**0.5) -> Array:
        """An orthonormal basis of V, (n, dim V), as far as double precision tells ranks.

        cut: singular values below this share of the largest are zero. parallel: unit vectors nearer are one direction.
        """
        unseen = []
        for rows in self.rows():
            U, S, _ = np.linalg.svd(np.pad(rows, ((0, 0), (0, len(rows)))), full_matrices=False)
            unseen.append(U[:, cut * S[0] >= S])
        U, S, _ = np.linalg.svd(np.pad(np.hstack(unseen), ((0, 0), (0, len(self.points)))), full_matrices=False)
        return np.asarray(U[:, parallel >= S])

    def coefficients(self, eta_u: float, eta_theta: float, steps: int) -> tuple[Array, Array]:
        """β^u and β^θ after so many steps: −(ηα²/mn) S, S = Σ_{i<T} (1 − K)ⁱ r_0 by the eigenvectors of K.

        The recursion S ← S + r, r ← r_0 − KS itself would add up what each step rounds: with u the unit roundoff,
        e ← (1 − K)e + ρ, ‖ρ‖ ≤ u[(n + 2)(‖r_0‖ + ‖K‖‖S‖) + ‖S‖], so that for ‖1 − K‖ ≤ 1, where ‖S‖ ≤ T‖r_0‖,

            ‖e‖ ≤ u(n + 2) T [1 + (1 + ‖K‖) T/2] ‖r_0‖,

        and q^T as much for q = ‖1 − K‖ > 1. By eigenvectors nothing is repeated: what is left is that of K known to
        n u‖K‖, ‖e‖ ≤ n u [‖K‖ max|f'| + 2 max|f|] ‖r_0‖ to first order, f(λ) = Σ_{i<T} (1 − λ)ⁱ (`Descent`). That is
        the error of an input, which every budget that is computed from the inputs holds, at any T.
        """
        m, n = len(self.theta), len(self.points)
        scale = self.alpha**2 / (m * n)
        K = scale * (eta_u * self.kernel_u(self.points) + eta_theta * self.kernel_theta(self.points))
        values, vectors = np.linalg.eigh(K)
        # Below 0 is rounding. What diverges may overflow, and is then no finite number.
        with np.errstate(over="ignore", invalid="ignore"):
            f = Descent(1.0, steps).of(np.maximum(values, 0.0))
        total = vectors @ (f * (vectors.T @ (self.offset(self.points) - self.labels)))
        return -scale * eta_u * total, -scale * eta_theta * total

    def value(self, beta_u: Array, beta_theta: Array, offset: float = 1.0) -> float:
        """offset·f_0 + k^uβ^u + k^θβ^θ, summed over Z."""
        Z = self.centres
        f = offset * self.offset(Z) + self.kernel_u(Z) @ beta_u + self.kernel_theta(Z) @ beta_theta
        return float(f.sum())


def solved(K: Array, y: Array) -> Array:
    """K⁻¹y of a kernel matrix. Raises InvalidParameterError where it is singular within its rounding."""
    eigenvalues = np.linalg.eigvalsh(K)
    if not eigenvalues[0] > len(K) * EPSILON * eigenvalues[-1]:
        raise InvalidParameterError(
            "points have features that are dependent, and a singular kernel matrix; take fewer points or more neurons"
        )
    return np.asarray(np.linalg.solve(K, y))


Read = Callable[[Start], float]
