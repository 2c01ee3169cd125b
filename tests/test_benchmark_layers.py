"""The benchmark of single layers: what is measured, and how shapes in oneDNN's notation are read. Nothing is timed."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.__main__ import app
from benchmarks.cases import layers as case
from benchmarks.cases.case import Settings
from benchmarks.layers import Convolution
from benchmarks.network import Task, task
from benchmarks.notation import layers_written
from benchmarks.processes import Contestant
from benchmarks.rivals import FILES, knoll
from benchmarks.rivals.rival import Call, Rival
from benchmarks.single_layers import SINGLE_LAYERS

from knoll.errors import ArgumentError

SMALL = layers_written("mb2ic8ih6oc16kh3ph1nsmall")


def dies(work: Task) -> Call:
    """A library whose process ends when it is called."""
    import os

    return lambda: os._exit(3)


def refuses(work: Task) -> Call:
    raise NotImplementedError


def test_every_layer_has_a_name_of_its_own() -> None:
    assert len({layer.name for layer in SINGLE_LAYERS}) == len(SINGLE_LAYERS) >= 49


def test_rivals_are_given_the_same_layers() -> None:
    """In processes of their own: they set how this one would treat denormals."""
    layers = [layer for layer in SINGLE_LAYERS if layer.network.image[0] <= 4096]
    contestants: list[tuple[Rival, Contestant]] = []
    with ExitStack() as stack:
        for rival in (r for file in ("torch_eager", "onnxruntime", "openvino") for r in FILES[file] if not r.missing):
            work = task(layers[0].network, 1, 1)
            contestants.append((rival, stack.enter_context(Contestant(rival.name, rival.infer, work))))
        for layer in layers:
            work = task(layer.network, 1, 1)
            ours = np.array(knoll.call_program(work)())
            for rival, contestant in contestants:
                if rival.name == "PyTorch" or "adaptive" not in layer.name:
                    contestant.prepare(rival.infer, work)
                    theirs = contestant.results(1)[0]
                    np.testing.assert_allclose(theirs, ours, atol=1e-4, err_msg=f"{rival.name}: {layer.name}")


def test_a_row_names_the_best_rival_and_those_that_die_or_refuse_are_left_out() -> None:
    rivals = [Rival(name, ("numpy",), infer) for name, infer in (("dies", dies), ("refuses", refuses))]
    twin = Rival("twin", ("numpy",), knoll.call_program)
    settings = Settings((*FILES["knoll"], *rivals, twin), 1, 1, layers=SMALL)
    row, mean = case.run(settings, lambda _: None, threads=1).rows
    assert (row["layer"], row["best_name"]) == ("small", "twin")
    assert mean["ratio"] == pytest.approx(row["ratio"])


@pytest.mark.parametrize(
    ("line", "weight", "image", "n", "slide"),
    [
        ("mb1ic64ih56oc64oh56kh3ph1", (64, 64, 3, 3), (64, 56, 56), 1, ((1, 1), (1, 1), 1, (1, 1))),
        ("g8mb2ic8ih12iw10oc8kh3kw1sh2dh1ph2pw0", (8, 1, 3, 1), (8, 12, 10), 2, ((2, 0), (2, 2), 8, (2, 2))),
        ("ic4ih9oc6kh5_sh3sw1_ph0nname with n", (6, 4, 5, 5), (4, 9, 9), 1, ((0, 0), (3, 1), 1, (1, 1))),
    ],
)
def test_shapes_in_onednns_notation(line: str, weight: Any, image: Any, n: int, slide: Any) -> None:
    (layer,) = layers_written(f"# shapes\n\n{line}\n")
    (convolution,) = layer.network.layers
    assert isinstance(convolution, Convolution)
    assert convolution.weight.shape == weight
    assert (layer.network.image, layer.n) == (image, n)
    assert (convolution.padding, convolution.stride, convolution.groups, convolution.dilation) == slide
    assert layer.name == ("name with n" if line.endswith("name with n") else line)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--shapes", "missing.txt"], "missing.txt cannot be read"),
        (["--shapes", "shapes.txt"], "oneDNN's notation"),
        (["--layers", "no such layer"], "No single layer has such a name"),
    ],
)
def test_what_cannot_be_measured_is_told(
    words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shapes.txt").write_bytes(b"\xff no shape\n")
    with pytest.raises(SystemExit) as ended:
        app(["layers-1", *words])
    assert ended.value.code == 1
    assert told in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("line", ["ic4", "mb1ic64ih56oc64kh3qq7", "64x64", "ic4ih9oc6kh"])
def test_what_is_no_shape_is_told(line: str) -> None:
    with pytest.raises(ArgumentError, match="oneDNN's notation"):
        layers_written(line)
