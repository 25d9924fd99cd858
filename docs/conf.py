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


def _reachable(app, page, template, context, doctree):  # type: ignore[no-untyped-def]
    # What scrolls can be reached by the keyboard, and a heading of the navigation has a level.
    tree, body = context.get("furo_navigation_tree", ""), context.get("body", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    context["body"] = body.replace("<pre>", '<pre tabindex="0">')


def setup(app):  # type: ignore[no-untyped-def]
    """Connect what reads docstrings, and what mends pages once furo has made their navigation."""
    app.connect("autodoc-process-docstring", _plain)
    app.connect("html-page-context", _reachable, priority=900)
