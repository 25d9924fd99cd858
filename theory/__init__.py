"""What the papers say: claims in sympy, their assumptions, predictions and errata. No torch, no randomness."""

from lazy_assay.theory._arrays import Covariance, Neurons, PointSet, Rectangular, Symmetric, Vector
from lazy_assay.theory._catalogue import Collection, CollectionError, UnknownClaimError, collection
from lazy_assay.theory._claim import Claim
from lazy_assay.theory._configurations import Growth, Relation, in_proportion, materialise, plain
from lazy_assay.theory._discovery import UnloadedClaimError, claim, claims, ids
from lazy_assay.theory._evidence import Assumption, Decoy, Erratum, Gravity, Paper, Remark, Reported, Source, Stronger
from lazy_assay.theory._families import Family
from lazy_assay.theory._kinds import (
    AlmostSure,
    Balance,
    Bound,
    Eq,
    Existence,
    Identity,
    Limit,
    Observation,
    Rate,
    of_order,
)
from lazy_assay.theory._lists import ListOf
from lazy_assay.theory._parameter import (
    Choice,
    Domain,
    Flag,
    Integer,
    InvalidParameterError,
    Parameter,
    Real,
    Scalar,
    Sizes,
    affordable,
)
from lazy_assay.theory._part import Abbreviation, Auxiliary, Part, Quantity
from lazy_assay.theory._prediction import Formula

__all__ = [
    "Abbreviation",
    "AlmostSure",
    "Assumption",
    "Auxiliary",
    "Balance",
    "Bound",
    "Choice",
    "Claim",
    "Collection",
    "CollectionError",
    "Covariance",
    "Decoy",
    "Domain",
    "Eq",
    "Erratum",
    "Existence",
    "Family",
    "Flag",
    "Formula",
    "Gravity",
    "Growth",
    "Identity",
    "Integer",
    "InvalidParameterError",
    "Limit",
    "ListOf",
    "Neurons",
    "Observation",
    "Paper",
    "Parameter",
    "Part",
    "PointSet",
    "Quantity",
    "Rate",
    "Real",
    "Rectangular",
    "Relation",
    "Remark",
    "Reported",
    "Scalar",
    "Sizes",
    "Source",
    "Stronger",
    "Symmetric",
    "UnknownClaimError",
    "UnloadedClaimError",
    "Vector",
    "affordable",
    "claim",
    "claims",
    "collection",
    "ids",
    "in_proportion",
    "materialise",
    "of_order",
    "plain",
]
