"""Yang and Hu: the parameterisation in which a network of infinite width learns features."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="yang_hu2021",
    authors="Yang, Hu",
    title="Tensor Programs IV: Feature Learning in Infinite-Width Neural Networks",
    venue="International Conference on Machine Learning",
    year=2021,
)
