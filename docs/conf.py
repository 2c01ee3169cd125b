"""Sphinx's settings: `sphinx-build -W docs site/en`, and `sphinx-build -W -D language=zh_CN docs site/zh`."""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.search.zh import SearchChinese

import knoll

# Chinese pages stem their English words with english-stemmer.js, whose class Sphinx 9.0 looks for under another name.
SearchChinese.language_name = "English"
sys.path.insert(0, str(Path(__file__).parent))

project = "Knoll 小土堆"
author = "The authors of Knoll"
copyright = "the authors of Knoll"  # noqa: A001 (the name that Sphinx reads)
release = knoll.__version__

extensions = ["myst_parser", "sphinx_copybutton", "directives", "reference", "course", "deviations"]
extensions += ["pytorch_absent", "accessibility", "command_line", "lab_views"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["locale/**"]
smartquotes = False  # quoted words are strings of programs
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types in signatures, of which few are public names
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

language = "en"
locale_dirs = ["locale"]
gettext_compact = False
gettext_uuid = False
gettext_location = False

myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_block"]
myst_heading_anchors = 3
suppress_warnings = [
    "myst.xref_missing",  # links out of docs/ lead to files of the repository
    "ref.python",  # a type in a signature, of whose name there are several
]

html_theme = "furo"
html_title = "Knoll 小土堆"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
