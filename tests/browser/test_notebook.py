"""The widget of notebooks in a browser: a page holds its traits as a notebook does, with Python behind it or none."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.browser.visitor import NARROW, WIDE, Visitor, faults

from knoll import notebook

if find_spec("anywidget") is None:
    pytest.skip("anywidget is not installed: pip install -e '.[test]'", allow_module_level=True)

PATIENCE = 30_000  # milliseconds
TRAITS = ("page", "setting", "question", "answer", *(f"{name}_view" for name in
          ("layer", "cell", "compare", "solve", "takeaway")))  # fmt: skip
PAGE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>A notebook</title>
<body {theme} style="margin: 8px"><main><h1>A notebook</h1><div id="output"></div></main><script type="module">
import widget from "data:text/javascript;base64,{script}";
const state = {state}, listeners = {{}}, changed = new Set();
const take = (values) => {{
  const others = Object.keys(values).filter((name) => JSON.stringify(values[name]) !== JSON.stringify(state[name]));
  for (const name of others) state[name] = values[name];
  for (const name of others) for (const each of listeners[`change:${{name}}`] ?? []) each();
}};
window.take = take;
const plain = (value) => value instanceof DataView ? {{ bytes: [...new Uint8Array(value.buffer)] }} : value;
const model = {{
  get: (name) => state[name],
  set: (name, value) => {{ changed.add(name); take({{ [name]: value }}); }},
  async save_changes() {{
    const values = Object.fromEntries([...changed].map((name) => [name, plain(state[name])]));
    changed.clear();
    if (window.python) take(await window.python(values));
  }},
  on: (name, listener) => (listeners[name] ??= []).push(listener),
  off: (name, listener) => {{ listeners[name] = (listeners[name] ?? []).filter((each) => each !== listener); }},
}};
widget.render({{ model, el: document.getElementById("output") }});
</script></body></html>"""


def page_of(widget: Any, *, theme: str = "light") -> str:
    """A page that shows the widget as it is now."""
    script = base64.b64encode(str(widget._esm).encode()).decode()
    state = json.dumps(state_of(widget)).replace("<", "\\u003c")
    jupyter = f'data-jp-theme-light="{json.dumps(theme == "light")}"'
    return PAGE.format(script=script, state=state, theme=jupyter)


def state_of(widget: Any) -> dict[str, Any]:
    """What a notebook keeps of the widget."""
    return {name: getattr(widget, name) for name in TRAITS}


def opened(visit: Visitor, widget: Any, *, alive: bool = True, theme: str = "light", **options: Any) -> Page:
    """The page with the widget, Python behind it unless it is a saved one."""

    def python(values: dict[str, Any]) -> dict[str, Any]:
        if "picture" in values:
            widget.picture = bytes(values["picture"]["bytes"])
        for name in ("setting", "question"):
            if name in values:
                setattr(widget, name, values[name])
        return state_of(widget)

    page = visit("<title>waiting</title>", **options)
    if alive:
        page.expose_function("python", python)
    file = visit.folder / "notebook.html"
    file.write_text(page_of(widget, theme=theme), encoding="utf-8")
    page.goto(file.as_uri())
    expect(page.locator("#text")).not_to_have_value("")
    return page


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5000)


def test_an_argument_a_picture_a_number_and_the_program(visit: Visitor, tmp_path: Path) -> None:
    widget = notebook.lab("Conv2d(3, 6, 3)", language="en").widget
    page = opened(visit, widget)
    expect(page.locator(".stack").last).to_contain_text("6×30×30")
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (48, 64, 3)).astype(np.uint8)).save(tmp_path / "cat.png")
    page.locator("#file").set_input_files(tmp_path / "cat.png")
    expect(page.locator("#input")).to_have_value("own")
    page.locator("#argument-stride").fill("2")
    page.locator("#argument-stride").press("Enter")
    expect(page.locator(".stack").last).to_contain_text("6×15×15")
    assert widget.setting["layer"] == "Conv2d(3, 6, 3, stride=2)"
    page.locator("button.cells").nth(1).click(position={"x": 20, "y": 20})
    expect(page.locator("#caption")).to_contain_text("output[1, ")
    index = re.findall(r"\d+", page.locator("#caption").inner_text())[:3]
    page.get_by_role("tab", name="Take away").click()
    expect(page.locator(".code").first).to_contain_text(f"print(y[0, {', '.join(index)}])")
    page.get_by_role("tab", name="Find a size").click()
    expect(page.locator("#wanted")).to_have_value("16×16")
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator(".side")).to_have_count(2)


def test_what_is_impossible_is_told_with_what_is_next_to_it(visit: Visitor) -> None:
    page = opened(visit, notebook.lab("Conv2d(3, 6, 3)", language="en").widget)
    page.locator("#argument-groups").fill("2")
    page.locator("#argument-groups").press("Enter")
    expect(page.locator(".refused")).to_contain_text("must be divisible by groups")
    page.locator(".offers button").first.click()
    expect(page.locator(".refused")).to_be_hidden()


def test_a_saved_notebook_shows_it_without_python(visit: Visitor) -> None:
    widget = notebook.lab("MaxPool2d(2)", language="zh").widget
    page = opened(visit, widget, alive=False)
    expect(page.locator(".stack").last).to_contain_text("3×16×16")
    expect(page.locator(".scene svg")).to_be_visible()
    expect(page.get_by_role("tab").first).to_have_text("层")


def test_python_sets_what_is_shown(visit: Visitor) -> None:
    widget = notebook.lab("MaxPool2d(2)", language="en").widget
    page = opened(visit, widget)
    widget.setting = {"layer": "AvgPool2d(4)"}
    page.evaluate("values => take(values)", state_of(widget))
    expect(page.locator(".stack").last).to_contain_text("3×8×8")
    expect(page.locator("#text")).to_have_value("AvgPool2d(4)")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_the_notebook_and_has_its_theme(visit: Visitor, theme: str) -> None:
    page = opened(visit, notebook.lab("Linear(4, 3)", language="zh").widget, theme=theme, width=NARROW)
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        assert faults(page) == []
        whole = page.locator(".knoll-lab")
        assert whole.evaluate("e => e.scrollWidth <= e.clientWidth")
        paper = whole.evaluate("e => getComputedStyle(e).backgroundColor")
        drawn = page.locator(".numbers svg rect").first.evaluate("e => getComputedStyle(e).fill")
        assert paper == drawn == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[theme]
