"""The site, built once for all processes that test it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("en", "zh_CN")
FOLDERS = {"en": "en", "zh_CN": "zh"}
"""Where each of them stands: a page links to the same one in the other folder."""
LONGEST = 900  # seconds that a process waits for another one's build


def sphinx(builder: str, target: Path, language: str = "en") -> str:
    """Build with warnings as errors; what was wrong, or nothing."""
    words = ["-b", builder, "-W", "--keep-going", "-q", "-D", f"language={language}", "-d", f"{target}.trees"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words, str(DOCS), str(target)], capture_output=True, text=True, check=False
    )
    return (done.stderr[-3000:] or "Sphinx failed") if done.returncode else ""


class Builds:
    """What Sphinx makes, in a folder that all workers of a run share: the first that needs a part builds it."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        own = factory.getbasetemp()
        self.folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "site"
        self.folder.mkdir(exist_ok=True)

    def html(self, language: str) -> Path:
        """The pages in a language. A worker that would wait for them builds those of another language meanwhile."""
        if not self._begun("html", language):
            any(self._begun("html", other) for other in LANGUAGES)
        return self._finished("html", language)

    def gettext(self) -> Path:
        """The sentences to translate."""
        self._begun("gettext", "en")
        return self._finished("gettext", "en")

    def _target(self, builder: str, language: str) -> Path:
        return self.folder / (FOLDERS[language] if builder == "html" else builder)

    def _begun(self, builder: str, language: str) -> bool:
        """Build, unless somebody has begun to."""
        target = self._target(builder, language)
        try:
            target.mkdir()
        except FileExistsError:
            return False
        told = self.folder / f"{target.name}.told"
        told.with_suffix(".part").write_text(sphinx(builder, target, language), encoding="utf-8")
        told.with_suffix(".part").replace(told)
        return True

    def _finished(self, builder: str, language: str) -> Path:
        target, last = self._target(builder, language), time.monotonic() + LONGEST
        told = self.folder / f"{target.name}.told"
        while not told.exists():
            assert time.monotonic() < last, f"{target} was not finished"
            time.sleep(0.2)
        assert told.read_text(encoding="utf-8") == ""
        return target
