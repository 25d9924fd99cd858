"""The rank of the tangent kernel at the training set, watched while all layers train.

K(w) = J Jᵀ, J the Jacobian of f_X in all parameters. Its block of the last layer is ([h_X, 1][h_X, 1]ᵀ) ⊗ I: where
[h_X, 1] has rank n, K has its full rank n·m_y, and watching [h_X, 1] is enough. Elsewhere J is formed and its singular
value of the rank that it has at τ is watched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.two_phase import _statistics
from lazy_assay.sims.two_phase._errors import TwoPhaseError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Linear, Module

# Entries of a Jacobian that is formed at every step.
LARGEST = 2**25


@dataclass(frozen=True)
class Watch:
    """What is watched: the singular value number `rank` of [h_X, 1] or of J, at least `least`.

    `full` says whether K has its full rank n·m_y at τ; `rank` counts in the matrix watched.
    """

    module: Module
    last: Linear
    inputs: Tensor
    features: bool
    rank: int
    least: float
    full: bool

    @classmethod
    def at_switch(cls, module: Module, last: Linear, inputs: Tensor, margin: float) -> Watch:
        """From the present weights: a step may leave the watched singular value at `margin` times what it is now.

        The rank is numerical: singular values above max(shape) machine epsilons of the largest count.
        """
        values, rows, columns = _features_of(module, last, inputs)
        if bool(values.isnan().any()):
            raise TwoPhaseError(
                "what the last layer reads is not finite: the first phase has blown up; take smaller steps"
            )
        if _counted(values, rows, columns) == rows:
            return cls(module, last, inputs, True, rows, margin * float(values[rows - 1]), True)
        J = jacobian(module, inputs)
        values = torch.linalg.svdvals(J)
        rank = _counted(values, *J.shape)
        if rank == 0:
            raise TwoPhaseError(
                "the tangent kernel is zero: no parameter moves any output, so there is nothing to keep"
            )
        return cls(module, last, inputs, False, rank, margin * float(values[rank - 1]), rank == len(J))

    def value(self) -> float:
        """The singular value that is watched, at the present weights."""
        values = (
            _features_of(self.module, self.last, self.inputs)[0]
            if self.features
            else torch.linalg.svdvals(jacobian(self.module, self.inputs))
        )
        return float(values[self.rank - 1])


def _features_of(module: Module, last: Linear, inputs: Tensor) -> tuple[Tensor, int, int]:
    """Singular values of [h_X, 1] and its shape; of h_X where the last layer has no bias. NaN where not finite."""
    with torch.no_grad(), _statistics.stilled(module):
        h = _statistics.inputs_of(module, last, inputs)[0].flatten(0, -2)
    matrix = h if last.bias is None else torch.cat([h, h.new_ones(len(h), 1)], 1)
    finite = bool(torch.isfinite(matrix).all())
    values = torch.linalg.svdvals(matrix) if finite else matrix.new_full((min(matrix.shape),), torch.nan)
    return values, *matrix.shape


def _counted(values: Tensor, rows: int, columns: int) -> int:
    return int((values > values[0] * max(rows, columns) * torch.finfo(values.dtype).eps).sum())


def jacobian(module: Module, inputs: Tensor) -> Tensor:
    """∂vec(f_X)/∂w, (n·m_y, trained parameters), with batch statistics and without dropout."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    with _statistics.stilled(module), torch.enable_grad():
        flat = module(inputs).flatten()
        size = flat.numel() * sum(p.numel() for p in parameters)
        if size > LARGEST:
            raise TwoPhaseError(
                f"[h_X, 1] has not full rank, and the Jacobian, of {size:.2g} entries, is too large to watch (at most "
                f"{LARGEST:.2g}); widen the last hidden layer to n − 1 units or train the last layer only"
            )
        rows = [torch.autograd.grad(value, parameters, retain_graph=True, materialize_grads=True) for value in flat]
    return torch.stack([torch.cat([gradient.flatten() for gradient in row]) for row in rows])
