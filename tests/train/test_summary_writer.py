from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn
from knoll.errors import FileError, ShapeError
from knoll.train.events import SummaryWriter
from knoll.train.events.protos import Event, GraphDef


def events(folder: Path) -> list[Any]:
    """All events that were written into a folder."""
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        data, place = path.read_bytes(), 0
        while place < len(data):
            length = int.from_bytes(data[place : place + 8], "little")
            found.append(Event.FromString(data[place + 12 : place + 12 + length]))
            place += 16 + length
    return found


def picture(folder: Path) -> np.ndarray:
    (found,) = [value.image for event in events(folder) for value in event.summary.value]
    return np.asarray(Image.open(io.BytesIO(found.encoded_image_string)))


def test_a_curve(tmp_path: Path) -> None:
    loss = (nn.Parameter(np.float32([2])) ** 2).sum()
    with SummaryWriter(tmp_path) as writer:
        for step, value in enumerate([1, 0.5, np.float32(0.25), knoll.tensor(0.125), loss]):
            writer.add_scalar("loss", value, step)
    points = [(event.step, value.simple_value) for event in events(tmp_path) for value in event.summary.value]
    assert points == [(0, 1), (1, 0.5), (2, 0.25), (3, 0.125), (4, 4)]


@pytest.mark.parametrize("order", ["CHW", "HWC", "chw"])
def test_a_picture_of_bytes_is_kept(tmp_path: Path, order: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("ant", pixels if order == "HWC" else pixels.transpose(2, 0, 1), 1, dataformats=order)
    np.testing.assert_array_equal(picture(tmp_path), pixels)


def test_floats_are_shares_and_what_lies_outside_is_black_or_full(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("grey", np.float32([[-3.0, 0.0, 0.2], [1.0, 9.0, np.nan]]), dataformats="HW")
    np.testing.assert_array_equal(picture(tmp_path), np.repeat([[[0], [0], [51]], [[255], [255], [0]]], 3, axis=2))


def test_a_grid_is_eight_wide(tmp_path: Path) -> None:
    images = knoll.tensor(np.arange(10.0, dtype="f4").reshape(10, 1, 1, 1) / 255).reshape(10, 1, 1, 1)
    with SummaryWriter(tmp_path) as writer:
        writer.add_images("grid", nn.Identity()(images * nn.Parameter(np.float32([1]))))
    assert picture(tmp_path)[..., 0].tolist() == [list(range(8)), [8, 9, 0, 0, 0, 0, 0, 0]]


def test_transparency_is_left_out(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_images("rgba", np.uint8([[[[1, 2, 3, 0]]]]), dataformats="NHWC")
    assert picture(tmp_path).tolist() == [[[1, 2, 3]]]


CHANNELS = {
    "features": ((64, 6, 30, 30), "NCHW", "Pictures have 1, 3 or 4 channels, not 6.", "add_features(tag, x[0], step)"),
    "last": ((8, 32, 48, 3), "NCHW", "not 32.", "'NHWC' for several"),
    "axes": ((3, 8, 8), "NCHW", "tensor shape: (3, 8, 8), input_format: NCHW", ""),
    "letters": ((3, 8, 8), "CXY", "input_format: CXY", ""),
}


@pytest.mark.parametrize(("shape", "order", "reason", "advice"), CHANNELS.values(), ids=CHANNELS)
def test_what_is_no_picture(tmp_path: Path, shape: tuple[int, ...], order: str, reason: str, advice: str) -> None:
    with pytest.raises(ShapeError) as caught, SummaryWriter(tmp_path) as writer:
        writer.add_images("x", np.zeros(shape), dataformats=order)
    assert reason in str(caught.value)
    assert advice in str(caught.value)
    with SummaryWriter(tmp_path / "features") as writer:
        writer.add_features("x", np.zeros((6, 30, 30)))
    assert picture(tmp_path / "features").shape[2] == 3


def test_the_graph(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())
    with SummaryWriter(tmp_path) as writer:
        writer.add_graph(net, knoll.ones(64, 3, 8, 8))
    (data,) = [event.graph_def for event in events(tmp_path) if event.graph_def]
    assert [node.name for node in GraphDef.FromString(data).node] == ["input", "Sequential/0", "Sequential/1"]


def test_a_writer_begins_its_folder_anew(tmp_path: Path) -> None:
    for _ in range(2):
        SummaryWriter(tmp_path / "a" / "b").close()
    starts = [event for event in events(tmp_path / "a" / "b") if event.session_log.status == event.session_log.START]
    assert {event.step for event in starts} == {0}


def test_without_a_folder_it_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    writer = SummaryWriter()
    writer.flush()
    writer.close()
    assert writer.log_dir.parent == Path("runs")
    assert len(events(writer.log_dir)) == 2


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be made"):
        SummaryWriter(tmp_path / "file")
