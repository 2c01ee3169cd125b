"""The links of a built site: inside of it they lead to a file and a place in it, others are whole addresses."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Reader(HTMLParser):
    """The links of a page, and the places that a link may lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places = {"", "top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        self.links += [given[name] for name in ("href", "src") if name in given and tag != "use"]


def broken_links(root: Path) -> Iterator[str]:
    """What leads nowhere: a page, and the link in it."""
    pages = {path: _read(path) for path in sorted(root.rglob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            if not _leads_somewhere(link, path, pages):
                yield f"{path.relative_to(root)}: {link}"


def _read(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def _leads_somewhere(link: str, path: Path, pages: dict[Path, _Reader]) -> bool:
    parts = urlsplit(link)
    if parts.scheme in ("http", "https"):
        return "." in parts.netloc and not parts.netloc.startswith(".") and " " not in link
    if parts.scheme:
        return parts.scheme in ("data", "mailto")
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists():
        return False
    return target.suffix != ".html" or target not in pages or unquote(parts.fragment) in pages[target].places
