"""Sentences for the tests of documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from knoll.messages import Sentence, catalogue, sentence

_TEXTS = {
    "kernel": (
        "`kernel_size={rows}`: each output looks at {pixels:# pixel|# pixels}.",
        "`kernel_size={rows}`：每个输出看 {pixels} 个像素。",
    ),
    "product": ("2*3 * 4 is *not* `2*3`*{name}*", "2*3 * 4 *不是* `2*3`*{name}*"),
    "named": ("the layer `{name}`, {name}", "层 `{name}`，{name}"),
    "slides": ("A window slides over the image.", "窗口在图像上滑动。"),
}


@pytest.fixture
def phrase(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sentence]:
    """Makes sentences of a small catalogue of its own."""
    room = {name: {"en": en, "zh": zh} for name, (en, zh) in _TEXTS.items()}
    real = catalogue
    monkeypatch.setattr("knoll.messages.entries.catalogue", lambda name: room if name == "sample" else real(name))

    def make(name: str, /, **values: int | str) -> Sentence:
        return sentence(f"sample.{name}", **values)

    return make
