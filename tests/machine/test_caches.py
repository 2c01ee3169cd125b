"""Sizes of caches, read where the system tells them."""

from __future__ import annotations

from pathlib import Path

import pytest

from knoll.machine.caches import USUAL, Caches, caches_of_host


def tell(folder: Path, *caches: tuple[str, str, str]) -> Path:
    """A folder in which Linux describes caches: their kinds, levels and sizes."""
    for number, described in enumerate(caches):
        (folder / f"index{number}").mkdir()
        for name, text in zip(("type", "level", "size"), described, strict=True):
            (folder / f"index{number}" / name).write_text(f"{text}\n")
    return folder


FIRST = ("Data", "1", "32K"), ("Instruction", "1", "64K")


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ((("Unified", "2", "512K"), ("Unified", "3", "16384K")), Caches(512 << 10, 16 << 20)),
        ((("Unified", "2", "2M"), ("Unified", "3", "1G")), Caches(2 << 20, 1 << 30)),
        ((("Unified", "2", "1024K"), ("Unified", "3", "36M"), ("Unified", "4", "128M")), Caches(1 << 20, 128 << 20)),
        ((("Unified", "2", "4096K"),), Caches(4 << 20, 4 << 20)),
        ((("Unified", "2", "something"), ("Unified", "3", "8M")), Caches(8 << 20, 8 << 20)),
        ((), USUAL),
    ],
)
def test_the_second_level_and_the_last_are_read(
    tmp_path: Path, told: tuple[tuple[str, str, str], ...], means: Caches
) -> None:
    assert caches_of_host(tell(tmp_path, *FIRST, *told)) == means


def test_a_system_that_tells_nothing_has_the_usual_ones(tmp_path: Path) -> None:
    assert caches_of_host(tmp_path / "absent") == USUAL
    (tmp_path / "index0").mkdir()
    assert caches_of_host(tmp_path) == USUAL
