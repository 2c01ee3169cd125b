"""Pages in a real browser: opened from files, watched for errors and requests, and looked at for faults of layout."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NARROW, WIDE = 390, 1280
"""The widths of a telephone and of a window on a resources."""
REQUIRED = "KNOLL_TEST_BROWSER"
"""The environment variable that turns a missing browser from a skipped test into a failure: `required`."""


def launched(playwright: Playwright) -> Browser:
    """Chromium: the one that `KNOLL_CHROMIUM` names, else the system's, else Playwright's own."""
    named = os.environ.get("KNOLL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    path = named or playwright.chromium.executable_path
    if not Path(path).exists():
        reason = f"no Chromium at {path}: install it, or set KNOLL_CHROMIUM, or run `playwright install chromium`"
        (pytest.fail if os.environ.get(REQUIRED) == "required" else pytest.skip)(reason)
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])  # which root may not have


@dataclass
class Visitor:
    """Opens pages; after the test no page may have had an error, or asked for anything but its own files."""

    browser: Browser
    folder: Path
    problems: list[str] = field(default_factory=list)
    origin: str = ""
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, html: str, *, width: int = WIDE, height: int = 900, **options: Any) -> Page:
        """The page of an HTML text; `options` are those of Playwright's `new_context`."""
        path = self.folder / f"page{len(self.contexts)}.html"
        path.write_text(html, encoding="utf-8")
        return self.open(path, width=width, height=height, **options)

    def open(self, path: Path, **options: Any) -> Page:
        """The page of a file; with `clock` its time stands still until `page.clock` moves it."""
        return self._opened(path.as_uri(), **options)

    def at(self, address: str, **options: Any) -> Page:
        """The page at an address; it may ask for more of the same server."""
        self.origin = address.partition("?")[0]
        return self._opened(address, **options)

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Meanwhile the server answers a request with this status, which the browser calls an error."""
        before = len(self.problems)
        yield
        told = [problem for problem in self.problems[before:] if f"status of {status}" not in problem]
        assert len(self.problems) > before, "nothing was refused"
        self.problems[before:] = told

    def _opened(
        self, address: str, *, width: int = WIDE, height: int = 900, clock: bool = False, **options: Any
    ) -> Page:
        context = self.browser.new_context(viewport={"width": width, "height": height}, **options)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"{address.partition('?')[0]}: {error}"))
        page.on("request", self._request)
        if clock:
            page.clock.install(time=0)
            page.clock.pause_at(1)
        page.goto(address)
        return page

    def close(self) -> None:
        """Close all pages, and fail if one of them had a problem."""
        for context in self.contexts:
            context.close()
        assert self.problems == []

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", *([self.origin] if self.origin else []))):
            self.problems.append(f"asks for {request.url}")


_LAYOUT = """() => {
  const faults = [], root = document.documentElement, name = (e) => e.outerHTML.slice(0, 80);
  const seen = (e) => { const box = e.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  const scrolls = (e) => e && (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  if (root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth} pixels wide`);
  for (const e of document.body.querySelectorAll("*:not(script):not(style):not(svg *)"))
    if (seen(e) && e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e.parentElement))
      faults.push(`stands out: ${name(e)}`);
  for (const e of document.querySelectorAll("pre.formula"))
    if (e.scrollWidth > e.clientWidth) faults.push(`cut off: ${name(e)}`);
  for (const e of document.querySelectorAll("img, svg[role=img]")) {
    const other = e.closest(".knoll-player .view")?.parentElement.querySelectorAll(".view svg");
    if (!seen(e) && ![...(other ?? [])].some(seen)) faults.push(`not visible: ${name(e)}`);
    if (e.tagName === "IMG" && !e.naturalWidth) faults.push(`not loaded: ${name(e)}`);
    const told = e.getAttribute("alt") || e.querySelector(":scope > title")?.textContent || e.ariaLabel
      || e.closest("[aria-label]")?.ariaLabel;
    if (!told?.trim() && e.role !== "presentation") faults.push(`no text in place of ${name(e)}`);
  }
  let level = 0;
  for (const e of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const next = Number(e.tagName[1]);
    if (next > level + 1) faults.push(`${e.tagName} after level ${level}: ${e.textContent}`);
    if (!e.textContent.trim()) faults.push(`an empty ${e.tagName}`);
    level = next;
  }
  for (const e of document.querySelectorAll("button, input:not([type=hidden]), select"))
    if (!(e.ariaLabel || e.textContent.trim() || e.labels?.length)) faults.push(`no name: ${name(e)}`);
  if (!root.lang) faults.push("no language");
  if (!document.title.trim()) faults.push("no title");
  return faults;
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with the layout of a page, or with what a screen reader is told of it.

    Anything wider than the window that does not scroll by itself; formulas wider than their box; images that are not
    seen, or have no text in their place; headings that leave out a level; controls without a name; a page without a
    language or a title.
    """
    found: list[str] = page.evaluate(_LAYOUT)
    return found


_PAPER = """() => {
  const faults = [], seen = (e) => e.getClientRects().length > 0;
  for (const name of ["sidebar-drawer", "toc-drawer", "mobile-header", "related-pages", "copybtn"])
    if ([...document.getElementsByClassName(name)].some(seen)) faults.push(`shown: ${name}`);
  for (const e of document.querySelectorAll(".knoll-player")) {
    if (![...e.querySelectorAll("svg")].some(seen)) faults.push("an animation is missing");
    if ([...e.querySelectorAll("button, input, select")].some(seen)) faults.push("controls of an animation");
  }
  for (const e of document.querySelectorAll("article pre"))
    if (seen(e) && e.scrollWidth > e.clientWidth + 1) faults.push(`cut off: ${e.textContent.slice(0, 40)}`);
  return faults;
}"""


def faults_on_paper(page: Page) -> list[str]:
    """What is wrong with a page as it is printed: navigation, controls, lines of code that are cut off."""
    page.emulate_media(media="print")
    found: list[str] = page.evaluate(_PAPER)
    page.emulate_media(media="screen")
    return found


_FOCUS = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  return {name: e.ariaLabel || e.title || e.placeholder || e.textContent.trim().slice(0, 40) || e.id, tag: e.tagName,
    is_seen: box.width > 0 && box.height > 0 && style.visibility !== "hidden"};
}"""


def faults_by_keyboard(page: Page, most: int = 200) -> list[str]:
    """What the Tab key meets that is not seen or has no name; all links and controls of the page must be met."""
    met, faults = set(), []
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUS)
        if found["tag"] == "BODY":
            break
        met.add(found["tag"])
        if not found["is_seen"] or not found["name"]:
            faults.append(f"the keyboard stands on {found}")
    return faults + [f"no {tag} was met" for tag in ("A", "INPUT", "BUTTON") if tag not in met]
