"""Everything public, called once with random arguments: a result, or an error with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from arguments_drawn import call, targets

GROUPS = 8


@pytest.mark.parametrize("group", range(GROUPS))
def test_nothing_ends_in_an_error_from_inside(group: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    findings = {target.name: call(target, f"drawn.{target.name}") for target in targets()[group::GROUPS]}
    assert not {name: found for name, found in findings.items() if found}
