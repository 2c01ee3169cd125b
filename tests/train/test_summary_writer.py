from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, FileError, ShapeError
from knoll.train.events import SummaryWriter
from knoll.train.events.protos import GraphDef
from written_events import events


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


def values(folder: Path) -> list[Any]:
    return [value for event in events(folder) for value in event.summary.value]


def test_the_steps_and_times_are_those_given(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("a", 1, None, 12.5)
        writer.add_scalar("a", True, knoll.tensor(3), walltime=13)
        writer.add_image("b", np.zeros((2, 2)), np.int64(4), 14.0, "HW")
        writer.add_histogram("c", [1, 2], 5, walltime=15.0)
        writer.add_text("d", "*all*", 6, 16.0)
    found = [(event.step, event.wall_time) for event in events(tmp_path) if event.summary.value]
    assert found == [(0, 12.5), (3, 13), (4, 14), (5, 15), (6, 16)]


def test_several_curves_have_folders_of_their_own(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        for step in range(2):
            writer.add_scalars("loss/all", {"train": step, "test": knoll.tensor([2.0 * step])}, step)
    for name, factor in (("train", 1), ("test", 2)):
        found = [(value.tag, value.simple_value) for value in values(tmp_path / f"loss_all_{name}")]
        assert found == [("loss/all", 0), ("loss/all", factor)]


@pytest.mark.parametrize("bins", ["tensorflow", "auto", 7, [0.0, 1.0, 2.0]])
def test_histograms_count_every_number(tmp_path: Path, bins: Any) -> None:
    numbers = np.random.default_rng(0).uniform(0, 2, (30, 4)).astype(np.float32)
    with SummaryWriter(tmp_path) as writer:
        writer.add_histogram("h", knoll.tensor(numbers), 3, bins)
    (found,) = values(tmp_path)
    assert sum(found.histo.bucket) == found.histo.num == numbers.size
    assert list(found.histo.bucket_limit) == sorted(found.histo.bucket_limit)
    assert found.histo.bucket_limit[0] <= found.histo.min
    assert found.histo.bucket_limit[-1] >= found.histo.max


def test_histograms_of_what_is_finite(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_histogram("h", np.array([1.0, np.nan, np.inf, 3.0]))
        writer.add_histogram("h", np.arange(1000), max_bins=3, bins=10)
        with pytest.raises(ArgumentError, match=r"The input has no element\."):
            writer.add_histogram("h", [])
    first, second = values(tmp_path)
    assert (first.histo.num, first.histo.min, first.histo.max) == (2, 1, 3)
    assert sum(first.histo.bucket) == 2
    assert len(second.histo.bucket) <= 6


def test_settings_and_results(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_hparams({"lr": 0.1, "net": "lenet", "shuffle": True}, {"accuracy": knoll.tensor(0.5)}, run_name="a")
        with pytest.raises(ArgumentTypeError, match=r"should be dictionary\."):
            writer.add_hparams([], {})
    assert [value.tag for value in values(tmp_path / "a")][-1] == "accuracy"
    assert writer.get_logdir() == str(tmp_path)


def test_a_figure_of_matplotlib(tmp_path: Path) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure((1, 1), dpi=20)
    with SummaryWriter(tmp_path) as writer:
        writer.add_figure("f", figure, close=False)
    assert picture(tmp_path).shape == (20, 20, 3)


class Joined(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(2, 3), nn.Linear(2, 3)

    def forward(self, a: Any, b: Any) -> Any:
        return self.left(a) + self.right(b)


def test_the_graph_of_several_inputs(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_graph(Joined(), (knoll.ones(5, 2), np.ones((5, 2), np.float32)))
    (data,) = [event.graph_def for event in events(tmp_path) if event.graph_def]
    nodes = {node.name: list(node.input) for node in GraphDef.FromString(data).node}
    assert nodes == {"input": [], "input_1": [], "Joined/left": ["input"], "Joined/right": ["input_1"]}


def test_a_writer_goes_on_after_it_was_closed(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path, purge_step=4, filename_suffix=".mine")
    writer.add_scalar("a", 1, 5)
    writer.close()
    writer.add_scalar("a", 2, 6)
    writer.close()
    writer.close()
    starts = [event.step for event in events(tmp_path) if event.session_log.status == event.session_log.START]
    assert starts == [4]
    assert [value.simple_value for value in values(tmp_path)] == [1, 2]
    assert all(path.name.endswith(".mine") for path in tmp_path.iterdir())


def test_writers_of_one_second_share_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    writers = [SummaryWriter(comment=comment) for comment in ("", "", "lr0.1")]
    assert len({writer.log_dir for writer in writers}) == 3
    assert writers[2].log_dir.name.endswith("lr0.1")
    both = [SummaryWriter(tmp_path / "same") for _ in range(2)]
    for writer in (*writers, *both):
        writer.add_scalar("a", 1)
        writer.close()
    assert len(values(tmp_path / "same")) == 2


@pytest.mark.parametrize(("said", "wrong"), [
    (
        "Tensor should contain one element (0 dimensions). Was given size: 2 and 1 dimensions.",
        lambda w: w.add_scalar("a", [1, 2]),
    ),
    ("These are not numbers.", lambda w: w.add_scalar("a", "b")),
    ("A tag is a text.", lambda w: w.add_scalar(3, 1)),
    ("global_step is a whole number.", lambda w: w.add_scalar("a", 1, "x")),
    ("add_scalars takes a dict of names and numbers.", lambda w: w.add_scalars("a", [1])),
    ("These are not numbers.", lambda w: w.add_histogram("a", ["b"])),
    ("These are not numbers.", lambda w: w.add_image("a", "b")),
    ("dataformats names the axes of the pictures.", lambda w: w.add_image("a", np.zeros((2, 2)), dataformats=3)),
    ("There is no picture to see.", lambda w: w.add_image("a", np.zeros((3, 0, 2)))),
    ("There is no picture to see.", lambda w: w.add_images("a", np.zeros((0, 3, 2, 2)))),
    (
        "You can not use the same dimension shorthand twice. input_format: CCH",
        lambda w: w.add_image("a", np.zeros((3, 2, 2)), dataformats="CCH"),
    ),
    ("A graph is drawn of a module.", lambda w: w.add_graph(3, knoll.ones(1))),
    ("These are not numbers.", lambda w: w.add_graph(nn.ReLU(), "a")),
    ("A feature map has three axes.", lambda w: w.add_features("a", np.zeros((2, 2)))),
    ("These are not numbers.", lambda w: w.add_image("a", None)),
    ("These are not numbers.", lambda w: w.add_graph(nn.ReLU(), None)),
])  # fmt: skip
def test_what_cannot_be_written_is_told(tmp_path: Path, said: str, wrong: Any) -> None:
    told = pytest.raises((ArgumentError, ArgumentTypeError, ShapeError), match=f"^{re.escape(said)}")
    with SummaryWriter(tmp_path) as writer, told:
        wrong(writer)


@pytest.mark.parametrize("shape", [(20, 30), (2, 3, 5, 5), (5,), ()])
def test_a_picture_of_other_axes_is_told_its_own(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with SummaryWriter(tmp_path) as writer, pytest.raises(ShapeError) as caught:
        writer.add_image("i", np.zeros(shape))
    assert caught.value.reason == (
        f"size of input tensor and input format are different. tensor shape: {shape}, input_format: CHW"
    )
