"""The atlas: a documentation site with a page a theorem, from the registry and a stored run; nothing is simulated."""

from lazy_assay.checks.site._build import SiteError, build

__all__ = ["SiteError", "build"]
