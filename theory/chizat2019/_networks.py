"""Two-layer networks h(x) = c Σ_j u_j σ(<w_j, x>), c = N^(−1/2), in numpy: outputs, derivatives, descent, norms.

Written apart from the simulations, and in another way: no automatic differentiation. Shapes: points (n, d), W (d, N),
u (N,), labels (n,). Parameters are ordered as (W, u).
"""

import math
from collections.abc import Callable

import numpy as np
import scipy
import sympy as sp

from lazy_assay.theory import Choice, InvalidParameterError, Neurons, Parameter, PointSet, Vector, affordable

Array = np.ndarray
State = tuple[Array, Array]

POINTS = Parameter(
    "points", sp.Symbol("X", commutative=False), "inputs, one a row, (n, d)", PointSet(rows="n", columns="d")
)
LABELS = Parameter("labels", sp.Symbol("y^*", commutative=False), "targets y*, (n,)", Vector("n"))
WEIGHTS = Parameter(
    "W",
    sp.Symbol("W", commutative=False),
    "first-layer weights w0, one column a neuron, (d, N)",
    Neurons(rows="d", columns="N"),
)
OUTPUT_WEIGHTS = Parameter("u", sp.Symbol("u", commutative=False), "output weights u0, (N,)", Vector("N"))


def _tanh(z: Array) -> tuple[Array, ...]:
    t = np.tanh(z)
    s = 1 - t**2
    return t, s, -2 * t * s, s * (6 * t**2 - 2)


def _softplus(z: Array) -> tuple[Array, ...]:
    p = scipy.special.expit(z)
    s = p * (1 - p)
    return np.logaddexp(z, 0), p, s, s * (1 - 2 * p)


def _softplus_fourth(z: Array) -> Array:
    p = scipy.special.expit(z)
    s = p * (1 - p)
    return np.asarray(s * (1 - 6 * s))


def _relu(z: Array) -> tuple[Array, ...]:
    step = (z > 0).astype(float)
    return z * step, step, 0 * z, 0 * z


# σ and its first three derivatives; those of relu away from its kink.
DERIVATIVES: dict[str, Callable[[Array], tuple[Array, ...]]] = {
    "tanh": _tanh,
    "softplus": _softplus,
    "sin": lambda z: (np.sin(z), np.cos(z), -np.sin(z), -np.cos(z)),
    "relu": _relu,
}
# The fourth.
FOURTH: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda z: np.asarray(8 * np.tanh(z) * (1 - np.tanh(z) ** 2) * (2 - 3 * np.tanh(z) ** 2)),
    "softplus": _softplus_fourth,
    "sin": np.sin,
    "relu": lambda z: 0 * z,
}
SMOOTH = ("tanh", "softplus", "sin")
# sup|σ'| and sup|σ''|.
SUPREMA = {"tanh": (1.0, 4 / (3 * math.sqrt(3))), "softplus": (1.0, 0.25), "sin": (1.0, 1.0)}
ACTIVATION = Parameter("activation", sp.Symbol("sigma"), "activation σ, smooth", Choice(SMOOTH))
INITIALISATION = Parameter(
    "initialisation",
    sp.Symbol("I_0"),
    "centred: h less its output at w0; paired: every neuron twice with opposite output weights; independent: neither",
    Choice(("centred", "paired", "independent")),
)


def start(points: Array, W: Array, u: Array, activation: str, initialisation: str) -> tuple[State, Array]:
    """Where training starts, and the outputs that are subtracted, (n,)."""
    state = (np.hstack([W, W]), np.concatenate([u, -u])) if initialisation == "paired" else (W, u)
    offset = outputs(points, state, activation, len(u)) if initialisation == "centred" else np.zeros(len(points))
    return state, offset


def outputs(points: Array, state: State, activation: str, N: int) -> Array:
    """h at every point, (n,); N sets c."""
    W, u = state
    return np.asarray(DERIVATIVES[activation](points @ W)[0] @ u / math.sqrt(N))


def pulled(points: Array, state: State, activation: str, N: int, r: Array) -> State:
    """Dhᵀr, as (W, u)."""
    W, u = state
    value, slope, *_ = DERIVATIVES[activation](points @ W)
    return np.asarray(points.T @ (r[:, None] * slope) * u / math.sqrt(N)), np.asarray(value.T @ r / math.sqrt(N))


def jacobian(points: Array, state: State, activation: str, N: int) -> Array:
    """Dh, shape (n, numbers)."""
    rows = [pulled(points, state, activation, N, e) for e in np.eye(len(points))]
    return np.array([np.concatenate([first.ravel(), second]) for first, second in rows])


def descended(
    points: Array,
    labels: Array,
    state: State,
    offset: Array,
    activation: str,
    N: int,
    alpha: float,
    step_size: float,
    steps: int,
) -> Array:
    """αh at every point after gradient descent on R(αh)/α², R(y) = ½‖y − y*‖²: w ← w − (η/α) Dhᵀ(αh − y*)."""
    affordable(8.0 * steps * (points.size + len(points)) * len(state[1]), f"steps = {steps} are too many at this size")
    for _ in range(steps):
        r = alpha * (outputs(points, state, activation, N) - offset) - labels
        move = pulled(points, state, activation, N, r)
        state = state[0] - step_size / alpha * move[0], state[1] - step_size / alpha * move[1]
    return np.asarray(alpha * (outputs(points, state, activation, N) - offset))


def second_norm(points: Array, state: State, activation: str, N: int, rounds: int = 200) -> float:
    """‖D²h‖ as a bilinear map R^p × R^p → R^n: the largest ‖D²h[a, b]‖ over unit a and b.

    D²h is block diagonal over neurons, so for v in R^n the matrix Σ_i v_i D²h_i has the norm of its largest block, and
    ‖D²h‖ is a maximum over neurons. The block of neuron j, in (w_j, u_j), is [[u S(v), g(v)], [g(v)ᵀ, 0]] with g(v) =
    c Xᵀ(v ⊙ σ') and S(v) = c Xᵀ diag(v ⊙ σ'')X. For relu S = 0 and the norm is max ‖g(v)‖, the largest singular value
    of c Xᵀ diag(σ'), exactly. Else by alternating maximisation in v and a, from every coordinate and every point: each
    value is reached, so it is a lower bound, which is the norm where one of the starts ends at the global maximum.
    """
    W, u = state
    _, slope, curvature, _ = DERIVATIVES[activation](points @ W)
    if activation == "relu":
        return max(float(np.linalg.norm(points * slope[:, [j]], 2)) for j in range(len(u))) / math.sqrt(N)
    blocks = [_block(points, slope[:, j], curvature[:, j], u[j]) for j in range(len(u))]
    return max(_bilinear_norm(block, rounds) for block in blocks) / math.sqrt(N)


def _block(points: Array, slope: Array, curvature: Array, weight: float) -> Array:
    """D²h/c of one neuron, shape (n, d + 1, d + 1)."""
    n, d = points.shape
    block = np.zeros((n, d + 1, d + 1))
    block[:, :d, :d] = weight * curvature[:, None, None] * points[:, :, None] * points[:, None, :]
    block[:, d, :d] = block[:, :d, d] = slope[:, None] * points
    return block


def _bilinear_norm(block: Array, rounds: int) -> float:
    """max over unit v of the norm of Σ v_i block_i, from every v = ±e_i and the singular vectors of its flattening.

    Where two values are close a round moves little of what is left: every eighth goes on along what the last eight have
    moved, as far as still raises the value, in doublings.
    """
    n = len(block)
    v = np.vstack([np.eye(n), np.linalg.svd(block.reshape(n, -1))[0].T])
    kept = v
    for k in range(rounds):
        if k % 8 == 7:
            v, kept = _along(block, v, v - kept), v
        values, vectors = np.linalg.eigh(np.einsum("gn,nij->gij", v, block))
        top = np.abs(values).argmax(axis=1)
        a = np.take_along_axis(vectors, top[:, None, None], axis=2)[:, :, 0]
        v = np.einsum("nij,gi,gj->gn", block, a, a)
        v = v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), np.finfo(float).tiny)
    return float(np.linalg.norm(np.einsum("nij,gi,gj->gn", block, a, a), axis=1).max())


def _along(block: Array, v: Array, moved: Array) -> Array:
    """v + 2^k · moved, made unit, with the k at which Σ v_i block_i is largest, or v itself; shapes (starts, n)."""
    tried = np.stack([v, *(v + 2.0**k * moved for k in range(1, 30))])
    tried /= np.maximum(np.linalg.norm(tried, axis=-1, keepdims=True), np.finfo(float).tiny)
    values = np.abs(np.linalg.eigvalsh(np.einsum("sgn,nij->sgij", tried, block))).max(axis=-1)
    return np.asarray(np.take_along_axis(tried, values.argmax(axis=0)[None, :, None], axis=0)[0])


def lipschitz_of_derivative(points: Array, u: Array, activation: str, N: int, radius: float) -> float:
    """A Lipschitz constant of Dh on the ball of `radius` around (W, u), whatever W: an upper bound of ‖D²h‖ there.

    ‖[[uS, g], [gᵀ, 0]]‖ ≤ ‖g‖ + |u|‖S‖ with ‖g(v)‖ ≤ c sup|σ'| ‖X‖ and ‖S(v)‖ ≤ c sup|σ''| max‖x_i‖ ‖X‖ for unit v.
    """
    if activation not in SUPREMA:
        raise InvalidParameterError(f"activation must be smooth: {', '.join(SUPREMA)}, got {activation}")
    first, second = SUPREMA[activation]
    size, longest = float(np.linalg.norm(points, 2)), float(np.linalg.norm(points, axis=1).max())
    return size * (first + (float(np.abs(u).max()) + radius) * second * longest) / math.sqrt(N)
