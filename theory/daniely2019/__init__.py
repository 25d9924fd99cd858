"""Daniely: how fast the tangent kernel converges, and what networks of nearly no excess size learn and memorise."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="daniely2019",
    authors="Daniely",
    title="Neural Networks Learning and Memorization with (almost) no Over-Parameterization",
    venue="NeurIPS",
    year=2020,
)
