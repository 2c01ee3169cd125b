"""Every public name of PyTorch is there, or it is said why not: the table of the documentation is made of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import pytorch_absent

from knoll.messages import LANGUAGES, Language


@pytest.mark.parametrize("owner", pytorch_absent.OURS)
def test_every_missing_name_has_a_reason(owner: str) -> None:
    untold = [name for name in pytorch_absent.missing(owner) if pytorch_absent.why(owner, name) is None]
    assert untold == [], "name them in Knoll, or say why not in docs/pytorch_absent.toml"


def test_every_reason_is_said_in_both_languages_and_used() -> None:
    used = {pytorch_absent.why(owner, name) for owner in pytorch_absent.OURS for name in pytorch_absent.missing(owner)}
    for reason, words in pytorch_absent.reasons().items():
        assert reason in used
        assert words["en"].isascii()
        assert re.search(r"[\u4e00-\u9fff]", words["zh"])


def test_everyday_names_are_there() -> None:
    counts = {owner: len(pytorch_absent.missing(owner)) for owner in pytorch_absent.OURS}
    assert counts["torch.optim.lr_scheduler"] == 0
    assert "conv2d" not in pytorch_absent.missing("torch.nn.functional")
    assert "LSTM" in pytorch_absent.missing("torch.nn")
    assert pytorch_absent.why("torch.nn", "LSTM") == "recurrent"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_a_row_for_every_module(language: Language) -> None:
    lines = list(pytorch_absent.table(language))
    assert len(lines) == 2 + len(pytorch_absent.OURS)
    assert all(line.count("|") == 4 for line in lines)


def test_the_stored_names_are_those_of_pytorch(torch: Any) -> None:
    for owner in ("torch", "torch.Tensor", "torch.nn", "torch.nn.functional", "torch.optim"):
        holder = torch.Tensor if owner == "torch.Tensor" else __import__(owner, fromlist=["_"])
        assert [name for name in pytorch_absent.names()[owner] if not hasattr(holder, name)] == []
