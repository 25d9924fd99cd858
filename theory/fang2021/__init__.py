"""Fang, Dong, Zhang: random features, tangent kernels and mean field as models of two-layer networks."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="fang2021",
    authors="Fang, Dong, Zhang",
    title="Mathematical Models of Overparameterized Neural Networks",
    venue="Proceedings of the IEEE",
    year=2021,
)
