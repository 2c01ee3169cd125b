from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll import nn
from knoll.analysis import trace
from knoll.draw.pixel_image import AROUND_ZERO
from knoll.errors import FileError
from knoll.tensor import randn
from knoll.train import Configuration, Source, Trainer
from knoll.train.events import EventFile, EventWatcher
from knoll.train.events.graph import graph_of
from knoll.train.events.pictures import feature_maps, features, photographs
from knoll.train.events.protos import Event, GraphDef
from knoll.views.activations import outputs_of
from knoll.vision.models import Practice


def crc32c(data: bytes) -> int:
    """Castagnoli's checksum, bit by bit (RFC 3720)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> int:
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read(path: Path) -> list[Any]:
    """The events of a file, the checksums of lengths and of short records checked."""
    data, place, events = path.read_bytes(), 0, []
    while place < len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        assert struct.unpack_from("<I", data, place + 8) == (masked(data[place : place + 8]),)
        record = data[place + 12 : place + 12 + length]
        if length < 300:
            assert struct.unpack_from("<I", data, place + 12 + length) == (masked(record),)
        events.append(Event.FromString(record))
        place += 16 + length
    return events


@pytest.fixture
def events(trainer: Callable[..., Trainer], tmp_path: Path) -> list[Any]:
    """What a training of two epochs writes."""
    training = trainer()
    file = EventFile(tmp_path, training.step)
    training.run([EventWatcher(file, training, (3, 32, 32))])
    file.close()
    return read(file.path)


def test_curves(events: list[Any]) -> None:
    points: dict[str, list[int]] = {}
    for event in events:
        for value in event.summary.value:
            if not value.HasField("image"):
                points.setdefault(value.tag, []).append(event.step)
    assert points["loss/batch"] == list(range(1, 11))
    for tag in ("loss/train", "loss/test", "accuracy/train", "accuracy/test", "learning rate"):
        assert points[tag] == [5, 10]


def test_an_accuracy_is_a_share(events: list[Any]) -> None:
    shares = [v.simple_value for event in events for v in event.summary.value if v.tag.startswith("accuracy")]
    assert len(shares) == 4
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize(("pictures", "steps"), [("ends", {0, 10}), ("none", set())])
def test_pictures_may_be_fewer(pictures: Any, steps: set[int], trainer: Callable[..., Trainer], tmp_path: Path) -> None:
    training = trainer()
    file = EventFile(tmp_path, training.step)
    training.run([EventWatcher(file, training, (3, 32, 32), pictures)])
    file.close()
    values = [(event.step, value) for event in read(file.path) for value in event.summary.value]
    assert {step for step, value in values if value.tag.startswith("feature maps")} == steps
    assert {step for step, value in values if value.tag == "loss/test"} == {5, 10}


def test_pictures_of_the_input_and_of_every_layer(events: list[Any]) -> None:
    found = [
        (value.tag, event.step, value.image)
        for event in events
        for value in event.summary.value
        if value.HasField("image")
    ]
    assert found[0][:2] == ("input", 0)
    tags = ["feature maps/0 Conv2d", "feature maps/1 MaxPool2d", "feature maps/2 Flatten", "feature maps/3 Linear"]
    assert [(tag, step) for tag, step, _ in found[1:]] == [(tag, step) for step in (0, 5, 10) for tag in tags]
    for _, _, stored in found:
        picture = Image.open(io.BytesIO(stored.encoded_image_string))
        assert picture.size == (stored.width, stored.height)
        assert picture.mode == "RGB"


def test_a_layer_in_place_does_not_change_the_picture_of_the_one_before() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True))
    shown = [numbers for _, numbers in outputs_of(net, trace(net, (3, 8, 8)).layers, randn(1, 3, 8, 8))]
    assert shown[1].min() < 0
    np.testing.assert_array_equal(shown[2], shown[1].clip(min=0))


def test_many_channels_are_shown_in_part(tmp_path: Path, few: Source) -> None:
    net = nn.Sequential(nn.Conv2d(3, 2000, 30), nn.Flatten(), nn.Linear(18000, 10))
    training = Trainer(net, few, Configuration.recipe())
    file = EventFile(tmp_path, 0)
    images: dict[str, Image.Image] = {}
    file.image = lambda tag, image, _: images.update({tag: image})
    EventWatcher(file, training, (3, 32, 32))
    file.close()
    convolution, rows = images["feature maps/0 Conv2d"], -(-(1024 // 3) // 8)
    assert convolution.height < (rows + 1) * (96 + 22)


def test_a_file_says_from_where_it_goes_on(events: list[Any]) -> None:
    assert events[0].file_version == "brain.Event:2"
    assert events[1].session_log.status == events[1].session_log.START


def test_the_graph_has_the_arguments_of_every_layer(events: list[Any]) -> None:
    (data,) = [event.graph_def for event in events if event.graph_def]
    graph = GraphDef.FromString(data)
    assert [(node.name, node.op, list(node.input)) for node in graph.node] == [
        ("input", "Input", []),
        ("Sequential/0", "Conv2d", ["input"]),
        ("Sequential/1", "MaxPool2d", ["Sequential/0"]),
        ("Sequential/2", "Flatten", ["Sequential/1"]),
        ("Sequential/3", "Linear", ["Sequential/2"]),
    ]
    convolution, linear = graph.node[1].attr, graph.node[4].attr
    assert list(convolution["kernel_size"].list.i) == [3, 3]
    assert list(convolution["stride"].list.i) == [1, 1]
    assert list(convolution["weight_shape"].list.i) == [4, 3, 3, 3]
    assert convolution["padding_mode"].s == b"zeros"
    assert [dim.size for dim in convolution["_output_shapes"].list.shape[0].dim] == [-1, 4, 30, 30]
    assert linear["parameters"].i == 1010


def test_the_graph_of_the_practice_network() -> None:
    graph = graph_of(trace(Practice(), (3, 32, 32)), "Practice")
    assert list(graph.node[3].attr["padding"].list.i) == [2, 2]
    assert graph.node[-1].name == "Practice/model1/8"
    assert list(graph.node[-1].input) == ["Practice/model1/7"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        EventFile(tmp_path / "nowhere", 0)


def test_every_channel_has_its_own_scale() -> None:
    maps = np.zeros((2, 4, 4))
    maps[0, 0, 0], maps[1, 0, 0] = 100, -0.001
    colours = np.asarray(feature_maps(maps, "")).reshape(-1, 3)
    for strongest in (AROUND_ZERO[-1], AROUND_ZERO[0]):
        assert (colours == strongest).all(axis=1).sum() >= 24 * 24


@pytest.mark.parametrize("count", [1, 3, 10, 64, 100])
def test_pictures_of_any_number_of_channels_have_room_for_all(count: int) -> None:
    maps = np.ones((count, 5, 7))
    picture = np.asarray(feature_maps(maps, "a title that is much longer than one channel is wide " * 2))
    tile = -(-96 // 7)
    assert (picture == AROUND_ZERO[-1]).all(axis=2).sum() >= count * 35 * tile**2
    assert features(np.ones(count), "").width >= min(count, 16) * 40


def test_photographs_keep_their_colours() -> None:
    picture = np.asarray(photographs(np.full((2, 3, 32, 32), 0.2), ["cat", "dog"], ""))
    assert (picture == 51).all(axis=2).sum() == 2 * 96 * 96


def test_pytorch_is_not_loaded_with_tensorboardx() -> None:
    code = "import sys, knoll.train.events; assert 'torch' not in sys.modules, 'loaded'"
    subprocess.run([sys.executable, "-c", code], check=True)
