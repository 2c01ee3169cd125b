"""The compiler makes of five networks what it made before; a change is written by `python tests/golden/golden.py`."""

from __future__ import annotations

import pytest

from golden import CASES, MACHINES, NETWORKS, STAGES, file_of, text_of
from knoll.machine import Machine


@pytest.mark.parametrize(
    ("name", "machine", "training"),
    CASES,
    ids=[f"{name}-{machine.name}-{training}" for name, machine, training in CASES],
)
def test_what_the_compiler_makes(name: str, machine: Machine, training: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOLL_LANG", "en")
    kept = file_of(name, machine, training).read_text(encoding="utf-8")
    assert text_of(name, machine, training) == kept


def test_texts_say_something() -> None:
    texts = {case: file_of(*case).read_text(encoding="utf-8") for case in CASES}
    assert len({*texts.values()}) == len(NETWORKS) * len(MACHINES) * 2
    assert all(f"==== {stage}" in text for text in texts.values() for stage in STAGES)
    assert all("for part in" in text for text in texts.values())
