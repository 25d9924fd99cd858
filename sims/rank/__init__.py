"""Certified rank: whether the features of a network at its data have full row rank, with a proof.

    >>> from checks.rank import certified_rank
    >>> result = certified_rank(module, data)            # or scope="some weights"
    >>> result.verdict, result.certificate, result.reason

The matrix is A = [h, 1_n], h (n, m_H) the input of the module's last linear layer at the n samples, evaluated in real
arithmetic at the module's float weights. `verdict` is "full rank" (rank n), "deficient" (rank below n) or "no verdict".
A method that fails is no verdict, never "deficient": each answer has its own proof, `certificate`, by the first rung
that holds.

Deficient, exactly: fewer columns than samples, or than samples and relations between them, as the entries of a
normalised row have (`_relations`); two samples that all operators treat alike, equal ones or such as have
the same tokens in another order that nothing sees; units of the last hidden layer that repeat; rows that an exact
prefix of the network maps to the same point; a rational null vector (linear and ReLU networks, whose features are
rational since floats are dyadic). Full: the residual in float64 with rounding bounds (`_residual`, `_enclosure`); the
rank of an integer matrix modulo a prime; ball arithmetic with doubling precision (`_invertible`).

For "some weights" (Assumption 1 of Kawaguchi and Sun 2021) there is a structural proof:

    Theorem. Let the last hidden layer be z ↦ σ(zW + b), fully connected, σ(z) = ln(1 + e^{ζz})/ζ (or ReLU, or torch's
    Softplus), with m_H ≥ n − 1 units. Then [h, 1_n] has rank n for some weights if and only if some weights of the
    earlier layers make the n penultimate rows z_1, …, z_n pairwise distinct.

    Proof. If z_i = z_j for all weights, rows i and j of [h, 1] agree for all weights. Conversely fix weights with
    distinct rows. A direction u outside of finitely many hyperplanes gives distinct t_i = <z_i, u>, say t_1 < … < t_n.
    Let unit k = 1, …, n − 1 have weights s·u and bias −s·t_k. Since 0 ≤ σ(z) − max(z, 0) ≤ ln 2/ζ, h_ik/s → max(t_i −
    t_k, 0) as s → ∞. In the limit the columns 1, k = 1, …, n − 1 form a lower triangular matrix with diagonal 1, t_2 −
    t_1, …, t_n − t_{n−1}: its determinant is not zero, nor is that of [1, h/s] for large s. ∎

    Without a column of ones m_H ≥ n units do, the first with its kink below t_1. If σ and all else is real analytic
    the rank is n for almost all weights.

How the network is read: the module runs on the data, and every operator that torch is asked to compute is seen with
its arguments, below modules, hooks, parametrisations, replaced forwards and autocast (`_recorder`); what is written in
place is followed through all views of the same memory (`_memory`). Each operator's rule says which arguments it
understands; any other that is not at its default refuses the call, by name (`_call`). At last torch's own features must
lie within the enclosure that the proof is about (`_guard`). Numbers that the code hands to torch, as 1/√d, are the
floats that they are; whatever else is meant in real arithmetic.

Understood: linear layers and matrix products (also of weights with weights, and of values with values), convolutions
over one or two axes, batch, layer, group, instance and RMS normalisation, Softplus, ReLU and its kin (Leaky, P, 6),
ELU, SELU, Tanh, Sigmoid, GELU, SiLU, Mish, GLU, softmax and its logarithm, attention with a constant mask (numbers, or
−∞, which softmax alone may read), embeddings of whole numbers, sums, differences, products, quotients, powers, exp,
log, roots, erf, sin, cos, means, variances, norms and extremes over axes, average and maximum pooling, logaddexp with
zeros; cat, stack, where at constant places, padding with zeros, views, shapes, indexing and writing at constant places;
dropout in evaluation; programs of torch.export (`exported`). The last layer's result may come in any shape. Anything
else is refused by name, as is a number that is read off values (a branch), randomness, a change of precision, a module
that answers otherwise when it runs again. Quotients, roots and logarithms that are not shown to be defined prove no
deficiency. float16 and float32 weights are read exactly and the module is run in float64. Assumed of the machine: IEEE
754 arithmetic rounding to nearest, matrix products by sums of products in any order (no fast multiplication), exp, log,
log1p, erf and tanh within 4 units in the last place, erfc at t ≥ 0 within 8 + t², what a file of `functions` says.
"""

from __future__ import annotations

from typing import Any

from lazy_assay.sims.rank._result import Proof, RankResult, RankVerdict, Scope

__all__ = ["Proof", "RankResult", "RankVerdict", "Scope", "certified_rank"]


def certified_rank(
    module: Any, data: Any = None, *, scope: Scope | str = Scope.GIVEN, effort: float = 8.0
) -> RankResult:
    """Whether [h(X), 1_n] has rank n, h the input of the module's last linear layer, in real arithmetic: a proof or
    no verdict.

    module: a torch.nn.Module of understood operators (see above), in the mode in which it is meant: batch normalisation
    in training mode takes the statistics of all of X. Without a bias in the last layer there is no column of ones. It
    is run twice, on copies of its parameters and buffers. Or a torch.export.ExportedProgram. data: (n, …), dense floats
    of the dtype of the module, or whole numbers where a table is looked up; a tuple has further inputs of the forward
    pass, which are numbers that are there. scope:
    "these weights", or "some weights" of the same architecture (Assumption 1 of Kawaguchi and Sun 2021). effort: about
    how many seconds ball arithmetic may take; the estimate is a formula, so the answer does not depend on the clock.
    Without data, `module` is a plain matrix (n, m) of real numbers, and the answer is its exact rank, `result.rank`:
    "full rank" where that is min(n, m). Raises ValueError for another scope; whatever is wrong with module or data is
    told in `reason`.
    """
    if data is None and not callable(module):
        from lazy_assay.sims.rank._plain import plain_rank

        return plain_rank(module, effort)
    # It loads torch, scipy and flint, and `assay list` reads whoever imports this.
    from lazy_assay.sims.rank._ladder import decided

    return decided(module, data, Scope(scope), effort)
