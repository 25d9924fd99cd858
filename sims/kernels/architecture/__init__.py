"""Limiting kernels of networks made of layers: convolution, average pooling, layer normalisation, attention.

    Network(Convolution(3, padding=1), Activation("relu"), AveragePooling(), Dense(), channels=3).kernels(x)

gives the NNGP kernel, the covariance of the outputs as all widths grow, and the neural tangent kernel, the inner
products of their gradients (Jacot, Gabriel and Hongler 2018; Arora et al. 2019; Yang 2020), in the NTK
parameterisation. Each layer derives its rule in its docstring, says where it holds, and refuses the rest by name. A
layer of your own is a subclass of `Layer`. Loads torch.
"""

from lazy_assay.sims.kernels.architecture._layer import DATA, FEATURES, GAUSSIAN, UNEQUAL, Layer
from lazy_assay.sims.kernels.architecture._state import Side, State
from lazy_assay.sims.kernels.architecture.activation import Activation
from lazy_assay.sims.kernels.architecture.affine import Convolution, Dense
from lazy_assay.sims.kernels.architecture.attention import Attention
from lazy_assay.sims.kernels.architecture.network import Network
from lazy_assay.sims.kernels.architecture.normalisation import LayerNormalisation
from lazy_assay.sims.kernels.architecture.pooling import AveragePooling, Flatten

__all__ = [
    "DATA", "FEATURES", "GAUSSIAN", "UNEQUAL", "Activation", "Attention", "AveragePooling", "Convolution", "Dense",
    "Flatten", "Layer", "LayerNormalisation", "Network", "Side", "State",
]  # fmt: skip
