"""Sphinx's settings for the site of `assay site`. Nothing here starts a simulation, and nothing is fetched."""

import re
from importlib.metadata import version as installed

project = "Assay"
copyright = "the authors of Assay"
version = release = installed("lazy-assay")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "Assay"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"


def _plain(app, what, name, obj, options, lines):  # type: ignore[no-untyped-def]
    # Docstrings here are plain text with `names`: no markup of another language is read into them.
    lines[:] = [
        re.sub(r"`+([^`]+)`+", r"``\1``", re.sub(r"([*|\\]|(?<=\w)_(?=\W|$))", r"\\\1", line)) for line in lines
    ]


def setup(app):  # type: ignore[no-untyped-def]
    """Connect what reads docstrings."""
    app.connect("autodoc-process-docstring", _plain)
