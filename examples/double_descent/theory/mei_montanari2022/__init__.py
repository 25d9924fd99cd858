"""Mei and Montanari: the exact risk of random features ridge regression, and its double descent."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="mei_montanari2022",
    authors="Mei, Montanari",
    title="The generalization error of random features regression: Precise asymptotics and the double descent curve",
    venue="Communications on Pure and Applied Mathematics",
    year=2022,
)
