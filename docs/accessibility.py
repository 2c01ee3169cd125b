"""What the theme leaves out for screen readers and the keyboard, put into every page when it has been written."""

from __future__ import annotations

import re
from pathlib import Path

from languages import linked, translated
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from knoll.language import set_language
from knoll.messages import Language, say

FINISHED = 'class="other-language"'  # stands in no page that has not been rewritten


def accessible(page: str, *, is_search: bool = False) -> str:
    """A page with names for its landmarks, levels for its headings, and lists that are lists."""
    for name, words in (("sidebar-drawer", say("site.pages")), ("toc-drawer", say("site.here"))):
        page = re.sub(rf'<aside class="({name}[^"]*)">', rf'<aside class="\1" aria-label="{words}">', page)
    page = page.replace('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">')
    if is_search:
        main = '<article role="main" id="furo-main-content">'
        page = page.replace(main, f"{main}<h1>{say('site.search')}</h1>")
    # Parameters of a signature, one a line, are no list of definitions.
    return re.sub(r'<dl>\n<dd>(<em class="sig-param">.*?)</dl>', _parameters, page, flags=re.DOTALL)


def _parameters(found: re.Match[str]) -> str:
    lines = found[1].replace("<dd>", '<span class="parameter">').replace("</dd>", "</span>")
    return f'<span class="parameters"><span class="parameter">{lines}</span>'


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite the pages that were written."""
    if exception or app.builder.format != "html":
        return
    spoken: Language = "zh" if str(app.config.language).startswith("zh") else "en"
    root = Path(app.outdir)
    set_language(spoken)
    try:
        for path in root.rglob("*.html"):
            page = path.read_text(encoding="utf-8")
            if FINISHED in page:  # written by an earlier build
                continue
            better = accessible(page, is_search=path.name == "search.html")
            better = linked(better, path.relative_to(root).as_posix(), spoken)
            path.write_text(translated(better) if spoken == "zh" else better, encoding="utf-8")
    finally:
        set_language(None)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Do it when the site has been built."""
    app.connect("build-finished", finish)
    app.add_js_file("site.js")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
