"""How large everything in a network is, at several widths: tensors, activations and what training adds to them.

The measurements of a coordinate check (Yang & Hu, Feature learning in infinite-width neural networks, ICML 2021; Yang
et al., Tensor programs V, 2022, appendix D.1). What sizes are right is said elsewhere: nothing here knows a
parameterisation.
"""

from lazy_assay.sims.scaling.sizes import ScalingError, Sizes, measured_sizes

__all__ = ["ScalingError", "Sizes", "measured_sizes"]
