"""Kawaguchi, Sun: expressivity as full rank, real analyticity, and training in two phases."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="kawaguchi2021",
    authors="Kawaguchi, Sun",
    title="A Recipe for Global Convergence Guarantee in Deep Neural Networks",
    venue="AAAI",
    year=2021,
)
