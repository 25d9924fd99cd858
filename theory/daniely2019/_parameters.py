"""The letters that the claims of Daniely share, with their domains."""

import math

import sympy as sp

from lazy_assay.theory import Choice, Integer, Neurons, Parameter, PointSet, Quantity, Real, Relation, Vector
from lazy_assay.theory._mathematics import dual_activations as duals

NAMES = ("relu", "abs", "erf", "sin", "tanh", "softplus")
d, q = sp.symbols("d q", integer=True, positive=True)
R, C, f_norm = sp.symbols("R C F", positive=True)
rho, B = sp.Symbol("rho", real=True), sp.Symbol("B", positive=True)
sigma, Z, X, coefficients, omega, y = sp.symbols("sigma Z X c omega y", commutative=False)

ACTIVATION = Parameter("activation", sigma, "activation σ", Choice(NAMES))
DIMENSION = Parameter("d", d, "input dimension", Integer(1))
PLANE = Parameter("d", d, "input dimension", Integer(2))
FEATURES = Parameter("q", q, "random features; pairs of neurons", Integer(1))
# Inputs of norm one: the trace of d E xxᵀ is d.
BOUNDEDNESS = Parameter("R", R, "D is R-bounded: E<u, x>² ≤ R²/d for every unit u", Real(low=1, closed_low=True))
AT_MOST = Relation(
    name="every D is √d-bounded",
    sentence="R is at most √d: inputs have norm one",
    parameter="R",
    value=lambda R, d: min(R, math.sqrt(d)),
)
BOUND = Parameter("C", C, "bound of the scheme, sup‖ψ(ω, x)‖; sup|σ'| for the NTK scheme", Real(low=0))
NORM = Parameter("f_norm", f_norm, "‖f‖_k", Real(low=0), latex=r"\|f\|_k")
CORRELATION = Parameter(
    "correlation",
    rho,
    "<x, y> of two unit vectors",
    Real(-1, 1, closed_low=True, closed_high=True),
    latex=r"\langle x,y\rangle",
)
SCALE = Parameter(
    "B", B, "initial size of the output weights; inf leaves the hidden part", Real(low=0, closed_high=True)
)
CENTRES = Parameter("centres", Z, "centres z_j of f = Σ c_j k(·, z_j), (c, d)", PointSet("c", "d", unit=True))
COEFFICIENTS = Parameter("coefficients", coefficients, "coefficients c_j of f, (c,)", Vector("c"))
POINTS = Parameter("points", X, "D is uniform on these points, (n, d)", PointSet("n", "d", unit=True))
WEIGHTS = Parameter("W", omega, "first-layer weights ω_i, one a column, (d, q)", Neurons("d", ""))
VALUES = Parameter("labels", y, "one number y_i a point, (n,)", Vector("n"))
ERROR = Quantity(
    symbol=sp.Symbol("E"),
    meaning="E_ω‖f − f_ω‖²_D",
    units="squared output",
    low=0,
    latex=r"\mathbb{E}_\omega\|f-f_\omega\|_{2,\mathcal{D}}^2",
)
dual, dual_of_slope = duals.dual, duals.dual_of_slope
