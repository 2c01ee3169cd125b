"""The pictures of the READMEs are those that their script makes; those of the site know what they draw."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PICTURES = runpy.run_path(str(DOCS / "pictures.py"))


def test_pictures_are_up_to_date() -> None:
    for path, text in PICTURES["pictures"]():
        assert path.read_text(encoding="utf-8") == text, f"python docs/pictures.py writes {path.name} anew"


def test_the_roofline_knows_the_work_of_the_layers_in_the_tables() -> None:
    sys.path.insert(0, str(DOCS))
    try:
        made = runpy.run_path(str(DOCS / "roofline.py"))
    finally:
        sys.path.remove(str(DOCS))
    work = made["Work"].of
    strided = work("conv 96→96 3×3 /2 depthwise at 112")
    assert (strided.flops, strided.bytes) == (2 * 96 * 9 * 56**2, 4 * 96 * (112**2 + 9 + 56**2))
    dense = work("conv 3→64 7×7 /2 at 224")
    assert (dense.flops, dense.bytes) == (2 * 64 * 147 * 112**2, 4 * (3 * 224**2 + 64 * 147 + 64 * 112**2))
    assert work("linear 4096→1000, n=64").flops == 64 * work("linear 4096→1000").flops
    assert made["roofline_picture"]().svg().count("<circle") == len(made["CHOSEN"])
