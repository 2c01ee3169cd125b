"""Every stage prints itself."""

from __future__ import annotations

import pytest

import knoll
from knoll.errors import ArgumentError
from knoll.nn.show import show
from knoll.run.show import STAGES


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    ("stage", "word"),
    [
        ("graph", "conv2d("),
        ("passes", "# the graph as it was recorded"),
        ("plan", "forward (by samples)"),
        ("loops", "for part in"),
        ("llvm", "define void @"),
        ("asm", "conv2d"),
        ("times", "GFLOP/s"),
    ],
)
def test_stages(stage: str, word: str, backward: bool) -> None:
    net = knoll.nn.Sequential(knoll.nn.Conv2d(3, 8, 3), knoll.nn.ReLU())
    text = show(stage, net, knoll.zeros(2, 3, 8, 8), backward)
    assert word in text
    assert ("conv2d_dw" in text) == (backward and stage != "passes")  # passes come before differentiation


def test_environment_prints_each_new_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KNOLL_SHOW", "plan")
    with knoll.no_grad():
        knoll.nn.Conv2d(1, 1, 7)(knoll.zeros(1, 1, 9, 11))
    assert "forward (by samples)" in capsys.readouterr().err


def test_an_unknown_stage_is_refused() -> None:
    assert "graph" in STAGES
    with pytest.raises(ArgumentError, match="assembly"):
        show("assembly", knoll.nn.ReLU(), knoll.zeros(1))


def test_a_layer_that_writes_into_its_input_is_shown() -> None:
    text = show("graph", knoll.nn.ReLU(inplace=True), knoll.zeros(2, 3))
    assert text.splitlines()[1:] == ["%1 = relu(%0) float32[2×3]", "return %1"]


def test_the_graph_has_the_batch_at_hand() -> None:
    """One program serves all batch sizes."""
    net = knoll.nn.Sequential(knoll.nn.Conv2d(3, 8, 3), knoll.nn.ReLU())
    kept = knoll.compile(net, knoll.zeros(1, 3, 8, 8))
    assert kept(knoll.zeros(1, 3, 8, 8).numpy()).shape == (1, 8, 6, 6)
    for n in (1, 5):
        assert f"float32[{n}×8×6×6]" in show("graph", net, knoll.zeros(n, 3, 8, 8))
