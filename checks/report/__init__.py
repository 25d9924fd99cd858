"""The discrepancy report: a run's data becomes a folder with `index.html`, `results.json` and `summary.md`."""

from lazy_assay.checks.report._folder import write
from lazy_assay.checks.report._schema import InvalidDataError, readable, strict, validate
from lazy_assay.checks.report._sections import PartView, Section, sections

__all__ = ["InvalidDataError", "PartView", "Section", "readable", "sections", "strict", "validate", "write"]
