"""The pictures of the READMEs are those that their script makes."""

from __future__ import annotations

import runpy
from pathlib import Path

PICTURES = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "pictures.py"))


def test_pictures_are_up_to_date() -> None:
    for path, text in PICTURES["pictures"]():
        assert path.read_text(encoding="utf-8") == text, f"python docs/pictures.py writes {path.name} anew"
