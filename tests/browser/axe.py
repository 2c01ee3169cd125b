"""What axe-core finds wrong with a page."""

from __future__ import annotations

from importlib import resources

import pytest
from playwright.sync_api import Page

# The contrast of letters takes most of the time, and is the same wherever style and ground are the same, as in a
# program of a thousand coloured words: one element of each kind is looked at. All other rules look at the whole page.
_RUN = """async () => {
  const grounds = new Map([[null, ""]]), kinds = new Set();
  const ground = (e) => {
    if (!grounds.has(e)) {
      const {backgroundColor, backgroundImage, opacity} = getComputedStyle(e);
      grounds.set(e, [ground(e.parentElement), backgroundColor, backgroundImage, opacity].join());
    }
    return grounds.get(e);
  };
  const kind = (e) => {
    const {color, fill, fontSize, fontWeight, textShadow, position, visibility} = getComputedStyle(e);
    const style = [color, fill, fontSize, fontWeight, textShadow, position, visibility];
    return [...style, e.getClientRects().length > 0, Boolean(e.closest("svg")), ground(e)].join();
  };
  const isNew = (e) => !kinds.has(kind(e)) && kinds.add(kind(e));
  const hasLetters = (e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
  const letters = [...document.body.querySelectorAll("*")].filter((e) =>
    e.matches("input, select, textarea, button") || (hasLetters(e) && isNew(e)));
  const options = {preload: false, resultTypes: ["violations"]};
  const all = [await axe.run({...options, rules: {"color-contrast": {enabled: false}}})];
  if (letters.length) all.push(await axe.run({include: letters}, {...options, runOnly: ["color-contrast"]}));
  return all.flatMap((found) => found.violations.map((e) => [e.id, e.help, e.nodes[0].html]));
}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong for people who use a screen reader, the keyboard, or see little; a skip without it."""
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed: pip install axe-playwright-python")
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(source)
    return [": ".join(each)[:400] for each in page.evaluate(_RUN)]
