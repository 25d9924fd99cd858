"""Kernels of networks: the limits as widths grow, and the tangent kernel of any module at its parameters.

Independent of the simulations around it; loads torch on first use.
"""

from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels.empirical import empirical_ntk
from lazy_assay.sims.kernels.limiting import Dual, Kernels, dual, limiting_kernels, limiting_ntk

__all__ = ["Dual", "KernelError", "Kernels", "dual", "empirical_ntk", "limiting_kernels", "limiting_ntk"]
