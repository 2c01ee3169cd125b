"""Directives of the page about the command line: files and commands, and what these print and write.

    ```{file} net.py                   a file in the folder in which the commands of the page run
    ```{command}                       command lines that begin with `knoll`, and what each prints
    :shows: pool.svg                   a picture that the last of them writes
    :fails:                            the last of them ends with an error

The commands run as a person types them, in the language of the page.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from directives import Computed
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.typing import ExtensionMetadata

COLUMNS = "84"  # of the terminal
_FOLDERS: dict[str, TemporaryDirectory[str]] = {}


class OfFolder(Computed):
    """A directive that works in the folder of its page."""

    @property
    def folder(self) -> Path:
        """The folder, which is removed when Sphinx ends."""
        return Path(_FOLDERS.setdefault(self.env.docname, TemporaryDirectory()).name)


class FileDirective(OfFolder):
    """A file, written and shown."""

    required_arguments = 1

    def nodes(self) -> Iterator[nodes.Node]:
        """What it holds, under its name."""
        (self.folder / self.arguments[0]).write_text(self.code, encoding="utf-8")
        listing = self.listing(self.code)
        yield nodes.container("", nodes.caption("", self.arguments[0]), listing, literal_block=True)


class CommandDirective(OfFolder):
    """Commands, what they print, and the picture that the last one writes."""

    option_spec: ClassVar[dict[str, Any]] = {"shows": directives.unchanged_required, "fails": directives.flag}

    def nodes(self) -> Iterator[nodes.Node]:
        """Commands, output, picture."""
        *others, last = self.content
        for line in others:
            yield from self._run(line, expected=0)
        yield from self._run(last, expected=1 if "fails" in self.options else 0)
        if "shows" in self.options:
            picture = (self.folder / self.options["shows"]).read_text(encoding="utf-8")
            yield self.html(f'<div class="drawing">{picture}</div>')

    def _run(self, line: str, expected: int) -> Iterator[nodes.Node]:
        yield self.listing(line, "bash")
        program, *words = shlex.split(line)
        done = subprocess.run(  # noqa: S603 (this Python, a command of this page)
            [sys.executable, "-m", program, *words],
            cwd=self.folder,
            env={
                **os.environ,
                "KNOLL_LANG": self.spoken,
                "COLUMNS": COLUMNS,
                "NO_COLOR": "1",
                "PYTHONIOENCODING": "utf-8",
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != expected:
            raise ExtensionError(f"{self.get_location()}: {line} ends with {done.returncode}: {done.stderr}")
        printed = (done.stdout + done.stderr).replace(f"{self.folder}{os.sep}", "").strip("\n")
        if printed:
            yield self.listing("\n".join(each.rstrip() for each in printed.splitlines()), "text")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx the directives."""
    app.add_directive("file", FileDirective)
    app.add_directive("command", CommandDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
