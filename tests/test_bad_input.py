"""Whatever is given to what explains and shows: it works, or it is an error of Knoll's, in words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn
from knoll.cli import main
from knoll.errors import KnollError
from knoll.views import looking

Output = pytest.CaptureFixture[str]
NET = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "show": lambda x: knoll.show(NET, x),
    "saliency": lambda x: looking.saliency_picture(NET, x),
    "occlusion": lambda x: looking.occlusion_picture(NET, x),
    "field": lambda x: looking.receptive_field_picture(NET, x),
    "explain": lambda x: NET.explain(x).text(),
    "explain a convolution": lambda x: nn.Conv2d(3, 4, 3).explain(x).text(),
    "explain ReLU": lambda x: nn.ReLU().explain(x).text(),
    "animate": lambda x: nn.Conv2d(3, 4, 3).animate(x),
    "animate ReLU": lambda x: nn.ReLU().animate(x),
    "check": lambda x: NET.check(x).text(),
    "summary": lambda x: NET.summary(x).text(),
}
GIVEN: dict[str, Any] = {
    "too small": np.zeros((3, 2, 2), np.float32),
    "five channels": np.zeros((5, 16, 16), np.float32),
    "int": 7,
    "negative": -1,
    "text": "3x32x32",
    "no file": "nofile.png",
    "zero in a path": "a\0b",
    "list": [[1.0, 2.0], [3.0, 4.0]],
    "picture": Image.new("RGB", (16, 16)),
    "one pixel": Image.new("L", (1, 1)),
    "NaN": np.full((3, 16, 16), np.nan, np.float32),
    "infinite": np.full((3, 16, 16), np.inf, np.float32),
    "empty": np.zeros((3, 0, 0), np.float32),
    "no images": np.zeros((0, 3, 16, 16), np.float32),
    "objects": np.zeros((3, 16, 16), object),
    "texts": np.full((3, 16, 16), "a"),
    "times": np.zeros((3, 16, 16), "M8[s]"),
    "bytes, channels last": np.zeros((16, 16, 3), np.uint8),
    "big-endian": np.zeros((3, 16, 16), ">f4"),
    "five axes": np.zeros((1, 1, 3, 16, 16), np.float32),
    "one number": np.array(3.0),
    "negative size": (3, -1, 4),
    "fractions": (3, 16.5, 16),
    "nothing": (),
    "None": None,
    "dictionary": {},
    "layer": nn.ReLU(),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_it_works_or_is_an_error_in_words(function: Callable[[Any], Any], given: Any) -> None:
    with suppress(KnollError):
        function(given)


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ("__import__('os').system('touch pwned')", "there is no layer"),
        ("Conv2d(9**9**9, 1, 1)", "nothing is computed"),
        ("Conv2d(open('pwned', 'w'), 1, 1)", "there is no layer open"),
        ("Conv2d(1000000, 1000000, 3)", "32.7 TiB"),
        ("Conv2d(3, 6, 3", "a bracket is opened and not closed"),
        ("Conv2d(3, 6, 3, strid=2)", "try: stride="),
        ("Conv2d(*[1, 2, 3])", "nothing is computed"),
        ("(lambda: 0)()", "there is no layer"),
        ("Conv2", "try: Conv2d"),
        ("resnet", "resnet18"),
        ("", "this text makes no layer"),
        ("Sequential(" * 4000, "this text makes no layer"),
        ("Linear(" + "9" * 5000 + ", 1)", "digits"),
    ],
)
@pytest.mark.parametrize("command", ["explain", "animate"])
def test_no_text_is_run(
    command: str,
    layer: str,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([command, layer]) == 1
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
