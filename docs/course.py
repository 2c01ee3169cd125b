"""The directive of the lessons: a program of `examples/lessons`, what it prints, and what TensorBoard would show of it.

    ```{lesson} 15_optimizer
    epochs=2, count=60                 arguments of its `main`, so that it takes seconds; without any it runs as it is
    ```

The lessons of a page run one after the other in one folder, so that a later one finds what an earlier one has saved.
"""

from __future__ import annotations

import ast
import base64
import io
import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from directives import Computed
from docutils import nodes
from lesson_program import in_language
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

import knoll
from knoll.draw import series
from knoll.messages import say
from knoll.train.events.protos import Event

LESSONS = Path(__file__).parent.parent / "examples" / "lessons"
LARGE = 500  # columns of a picture with words in it
MOST = 4  # pictures, and points of a curve from which on it is drawn
_FOLDERS: dict[str, TemporaryDirectory[str]] = {}


@dataclass
class Written:
    """What stands in events files: the first picture of each tag as a PNG, and curves."""

    pictures: dict[str, bytes] = field(default_factory=dict)
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Add what a file holds."""
        data, place = path.read_bytes(), 0
        while place < len(data):
            length = int.from_bytes(data[place : place + 8], "little")
            event = Event.FromString(data[place + 12 : place + 12 + length])
            place += 16 + length
            for value in event.summary.value:
                if value.HasField("image"):
                    self.pictures.setdefault(value.tag, value.image.encoded_image_string)
                else:
                    self.curves.setdefault(value.tag, []).append((event.step, value.simple_value))


class LessonDirective(Computed):
    """A lesson: its program, what it prints and writes."""

    required_arguments = 1

    def nodes(self) -> Iterator[nodes.Node]:
        """Program, output, pictures and curves."""
        path = LESSONS / f"{self.arguments[0]}.py"
        self.env.note_dependency(str(path))
        yield self.listing(in_language(path.read_text(encoding="utf-8"), self.spoken))
        if self.content:
            yield nodes.paragraph("", say("site.shortened", arguments=" ".join(self.content)))
        folder = Path(_FOLDERS.setdefault(self.env.docname, TemporaryDirectory()).name)
        before = set(folder.rglob("events.*"))
        yield self.listing(self._printed(path, folder), "text")
        written = Written()
        for file in sorted(set(folder.rglob("events.*")) - before):
            written.read(file)
        yield from self._shown(written)

    def _printed(self, path: Path, folder: Path) -> str:
        knoll.manual_seed(0)
        printed = io.StringIO()
        sys.path.insert(0, str(LESSONS))
        self._forget()
        try:
            with chdir(folder), redirect_stdout(printed):
                if self.content:
                    self._main(path)
                else:
                    runpy.run_path(str(path), run_name="__main__")
        finally:
            sys.path.remove(str(LESSONS))
            self._forget()
        return printed.getvalue().replace(f"{folder}{os.sep}", "")

    def _forget(self) -> None:
        for path in LESSONS.glob("[a-z]*.py"):  # modules beside the lessons
            sys.modules.pop(path.stem, None)

    def _main(self, path: Path) -> None:
        call = ast.parse(f"main({' '.join(self.content)})", mode="eval").body
        assert isinstance(call, ast.Call)
        arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}
        runpy.run_path(str(path))["main"](**arguments)

    def _shown(self, written: Written) -> Iterator[nodes.Node]:
        if written.pictures:
            figures = "".join(_figure(tag, image) for tag, image in [*written.pictures.items()][:MOST])
            yield nodes.paragraph("", say("site.tensorboard"))
            yield self.html(f'<div class="written">{figures}</div>')
        for tag, points in written.curves.items():
            if len(points) > MOST:
                curve = replace(series({tag: points}, names=("", tag)), title=tag)
                yield self.html(curve.svg(language=self.spoken))


def _figure(tag: str, image: bytes) -> str:
    source = f"data:image/png;base64,{base64.b64encode(image).decode()}"
    size = "drawn" if Image.open(io.BytesIO(image)).width > LARGE else "pixels"
    words = escape(tag)
    return f'<figure class="{size}"><img src="{source}" alt="{words}"><figcaption>{words}</figcaption></figure>'


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx the directive."""
    app.add_directive("lesson", LessonDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
