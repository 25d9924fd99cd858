"""James and Stein: in three dimensions or more the sample mean is not admissible."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="james_stein1961",
    authors="James, Stein",
    title="Estimation with Quadratic Loss",
    venue="Proceedings of the Fourth Berkeley Symposium on Mathematical Statistics and Probability",
    year=1961,
)
