"""The morning page: one night against those before it, on a page of its own."""

from lazy_assay.checks.report.morning._lines import lines
from lazy_assay.checks.report.morning._page import render, write

__all__ = ["lines", "render", "write"]
