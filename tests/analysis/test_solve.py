"""Layers for sizes that are wanted: every one found does it, and every one that does is found."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knoll import nn
from knoll.analysis import Solution, fit, solve, trace
from knoll.analysis.fitting import features, kept_sizes
from knoll.cli import main
from knoll.errors import ArgumentError, KnollError, ShapeError
from knoll.explain.reading import read_layer


def size_of(solution: Solution, before: tuple[int, int]) -> tuple[int, ...]:
    return trace(solution.layer(), (1, 1, *before)).outputs[0].spec.shape[2:]


few, many = st.integers(1, 3), st.integers(1, 24)


@given(st.sampled_from(["conv", "pool", "transpose"]), st.tuples(many, many), st.integers(1, 4), few, few, st.data())
@settings(max_examples=80, deadline=None)
def test_all_found_do_it_and_the_one_that_did_is_found(
    kind: Any, before: tuple[int, int], kernel: int, stride: int, dilation: int, data: st.DataObject
) -> None:
    span = dilation * (kernel - 1) + 1
    padding = data.draw(st.integers(0, span // 2 if kind == "pool" else span - 1))
    dilation = dilation if kernel > 1 else 1
    ceil = kind == "pool" and data.draw(st.booleans())
    more = data.draw(st.integers(0, max(stride, dilation) - 1)) if kind == "transpose" else 0
    layer = Solution(kind, (kernel,) * 2, (stride,) * 2, (padding,) * 2, (dilation,) * 2, (more,) * 2, ceil)
    try:
        after = size_of(layer, before)
    except KnollError:
        assume(False)
    found = solve((before, (after[0], after[1])), kernel, kind).found
    assert all(size_of(each, before) == after for each in found)
    assert len(found) == len(set(found))
    assert found
    if 1 not in (before if kind == "transpose" else after):  # a single window moves nowhere, whatever its stride
        assert layer in found or (ceil and replace(layer, ceil_mode=False) in found)


sizes = st.tuples(st.one_of(st.integers(1, 9), st.integers(1, 100)), st.integers(1, 40))


@given(sizes, sizes)
@settings(max_examples=15, deadline=None)
def test_every_line_makes_the_wanted_size_of_any_image(before: tuple[int, int], after: tuple[int, int]) -> None:
    found = solve((before, after))
    lines = [str(each).replace("in_channels, out_channels", "1, 1") for each in found.found]
    assert len(lines) == len(set(lines))
    if before != after:
        lines.append(str(found.resize))
    for line in lines:
        assert trace(read_layer(line), (1, 1, *before)).outputs[0].spec.shape[2:] == after
    assert all(solve((before, near)).found for near in found.nearest)
    assert all(str(each) in found.document().text(60) for each in found.found)


@pytest.mark.parametrize(
    ("sizes", "usual"),
    [
        ("5x5 -> 1x1", {"conv": "Conv2d(1, 1, 5)", "pool": "MaxPool2d(5)", "resize": "AdaptiveAvgPool2d(1)"}),
        ("8x9 -> 4x3", {"pool": "MaxPool2d((2, 3))", "resize": "AdaptiveAvgPool2d((4, 3))"}),
        (
            "16x16 -> 32x32",
            {"transpose": "ConvTranspose2d(1, 1, 2, stride=2)", "conv": None, "resize": "Upsample(scale_factor=2)"},
        ),
        ("1 -> 4", {"transpose": "ConvTranspose2d(1, 1, 4)", "resize": "Upsample(scale_factor=4)"}),
        ("5 -> 7", {"transpose": "ConvTranspose2d(1, 1, 3)", "resize": "Upsample(size=(7, 7))"}),
        ("224 -> 14", {"conv": "Conv2d(1, 1, 16, stride=16)", "pool": "MaxPool2d(16)"}),
        ("32 -> 256", {"transpose": "ConvTranspose2d(1, 1, 8, stride=8)"}),
        ("7x65 -> 3x1", {"conv": "Conv2d(1, 1, (5, 65))"}),
        ("32 -> 32", {"conv": "Conv2d(1, 1, 1)", "pool": "MaxPool2d(3, stride=1, padding=1)", "transpose": None}),
    ],
)
def test_without_a_kind_the_simplest_of_each_are_found(sizes: str, usual: dict[str, str | None]) -> None:
    found = solve(sizes)
    first: dict[str, str] = {"resize": str(found.resize)}
    for each in found.found:
        first.setdefault(each.kind, str(each).replace("in_channels, out_channels", "1, 1"))
    assert {name: first.get(name) for name in usual} == usual


def test_what_is_unusual_is_left_out_unless_it_is_asked_for_or_all_there_is() -> None:
    assert all(each.dilation == (1, 1) for each in solve("16 -> 32").found)
    assert {each.dilation for each in solve("32 -> 32", dilation=2).found} == {(2, 2)}
    assert any(each.dilation != (1, 1) for each in solve("32x32 -> 64x16").found)
    assert any(each.dilation != (1, 1) for each in solve("16 -> 32", kind="conv").found)


def test_what_no_kind_reaches_is_told_with_the_nearest_and_with_what_reaches_it() -> None:
    found = solve("9 -> 5", kernel=1, stride=3)
    assert not found.found
    assert found.nearest == ((3, 3), (25, 25))
    text = found.document().text(80, "en")
    assert "No convolution, max pooling or transposed convolution" in text
    assert "AdaptiveAvgPool2d(5)" in text


@pytest.mark.parametrize(
    ("sizes", "kernel", "kind", "simplest"),
    [
        ("32x32 -> 16x16", 5, "conv", "Conv2d(in_channels, out_channels, 5, stride=2, padding=2)"),
        ("32 → 32", 3, "conv", "Conv2d(in_channels, out_channels, 3, padding=1)"),
        ("3x224x224 -> 64x112x112", 7, "conv", "Conv2d(in_channels, out_channels, 7, stride=2, padding=3)"),
        ("32->16", None, "pool", "MaxPool2d(2)"),
        ("5->3", 2, "pool", "MaxPool2d(2, padding=1)"),
        ("16->32", 4, "transpose", "ConvTranspose2d(in_channels, out_channels, 4, stride=2, padding=1)"),
        (
            "16->32",
            3,
            "transpose",
            "ConvTranspose2d(in_channels, out_channels, 3, stride=2, padding=1, output_padding=1)",
        ),
        ("32x48 -> 16x12", 3, "conv", "Conv2d(in_channels, out_channels, 3, stride=(2, 4), padding=1)"),
        ("28 -> 1", 28, "conv", "Conv2d(in_channels, out_channels, 28)"),
        ("10 -> 7", None, "conv", "Conv2d(in_channels, out_channels, 4)"),
    ],
)  # fmt: skip
def test_the_simplest_comes_first(sizes: str, kernel: Any, kind: Any, simplest: str) -> None:
    assert str(solve(sizes, kernel, kind).found[0]) == simplest


def test_what_is_asked_for_is_kept() -> None:
    found = solve("32->16", 3, "conv", stride=2, padding=1, dilation=1).found
    assert [str(each) for each in found] == ["Conv2d(in_channels, out_channels, 3, stride=2, padding=1)"]
    assert solve("32->16", 3, "conv", stride=3).found == ()


def test_ceil_mode_only_where_it_changes_the_size() -> None:
    assert not any(each.ceil_mode for each in solve("8->4", 2, "pool", dilation=1).found)
    assert any(each.ceil_mode for each in solve("7->4", 2, "pool", dilation=1).found)


@pytest.mark.parametrize(
    ("sizes", "kernel", "kind", "nearest", "others"),
    [
        ("32->64", 3, "conv", ((40, 40),), ("transpose",)),
        ("32->40", 3, "pool", ((32, 32),), ("conv", "transpose")),
        ("9->2", 1, "transpose", ((9, 9),), ("conv", "pool")),
        ("32x32->20x20", 1, "conv", ((16, 16), (32, 32)), ()),
    ],
)
def test_where_none_fits_the_nearest_sizes_are_told(
    sizes: str, kernel: int, kind: Any, nearest: tuple[Any, ...], others: tuple[str, ...]
) -> None:
    found = solve(sizes, kernel, kind)
    assert (found.found, found.nearest, found.others) == ((), nearest, others)
    before = found.before
    assert all(solve((before, near), kernel, kind).found for near in nearest)


@pytest.mark.parametrize("kind", ["conv", "pool", "transpose"])
def test_none_is_missed_between_the_nearest(kind: Any) -> None:
    for before, after in product((5, 6), range(1, 30)):
        found = solve((before, after), 2, kind, dilation=1)
        reached = {size[0] for size in found.nearest}
        if not found.found:
            assert reached
            between = range(min(reached) + 1, after) if min(reached) < after else ()
            assert not any(solve((before, size), 2, kind, dilation=1).found for size in between)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"sizes": "32 16"}, "arrow between"),
        ({"sizes": "a -> b"}, "this is not a shape"),
        ({"sizes": "0 -> 1"}, "between 1 and"),
        ({"sizes": "32 -> 16", "kernel": 0}, "kernel is between"),
        ({"sizes": "32 -> 16", "kind": "linear"}, "no such kind"),
        ({"sizes": "32 -> 16", "padding": -1}, "padding is between"),
    ],
)
def test_what_cannot_be_solved_is_told(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason):
        solve(**given)


def network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, dilation=2), nn.ReLU(), nn.Conv2d(6, 6, 4), nn.MaxPool2d(3, 2), nn.AvgPool2d(2, 1),
        nn.Sequential(nn.Conv2d(6, 8, (3, 5), 2)), nn.Flatten(), nn.Linear(10, 20), nn.Linear(30, 2),
    )  # fmt: skip


def test_the_padding_that_keeps_the_size_of_each_layer() -> None:
    net = network()
    assert [(kept.name, kept.padding) for kept in kept_sizes(net, (3, 33, 32))] == [
        ("0", (2, 2)), ("2", "same"), ("3", (1, 1)), ("4", None), ("5.0", (1, 2)),
    ]  # fmt: skip
    assert net.get_submodule("0").padding == (0, 0)


def test_the_features_that_linear_layers_need() -> None:
    found = features(network(), (3, 33, 32))
    assert [(each.name, each.now, each.needed) for each in found] == [("7", 10, 160), ("8", 30, 20)]
    net = network()
    net[7], net[8] = nn.Linear(160, 20), nn.Linear(20, 2)
    assert trace(net, (3, 33, 32)).outputs[0].spec.shape == (1, 2)


def test_what_else_is_wrong_is_told() -> None:
    with pytest.raises(ShapeError, match="to have 3 channels"):
        fit(network(), (4, 33, 32))
    with pytest.raises(ArgumentError, match="shape of the input is missing"):
        fit(network())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command(language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "32x32 -> 16x16", "--kernel", "5", "--lang", language]) == 0
    assert "Conv2d(in_channels, out_channels, 5, stride=2, padding=2)" in capsys.readouterr().out
    assert main(["solve", "32 -> 64", "--kernel", "3", "--kind", "conv", "--lang", language]) == 0
    assert "40×40" in capsys.readouterr().out
    layers = "Sequential(Conv2d(3, 6, 5), Flatten(), Linear(9, 2))"
    assert main(["solve", layers, "--input", "3x32x32", "--lang", language]) == 0
    printed = capsys.readouterr().out
    assert "padding=2" in printed
    assert "in_features=4704" in printed
    file = tmp_path / "mine.py"
    file.write_text("from knoll import nn\nnet = nn.Sequential(nn.Flatten(), nn.Linear(9, 2))\n", "utf-8")
    assert main(["solve", f"{file}:net", "--input", "1x28x28", "--lang", language]) == 0
    assert "in_features=784" in capsys.readouterr().out
    out = tmp_path / "found.json"
    assert main(["solve", "32->16", "--kind", "pool", "--out", str(out)]) == 0
    assert json.loads(out.read_text("utf-8"))["found"][0]["kernel_size"] == [2, 2]
