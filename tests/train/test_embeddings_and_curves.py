"""Points of an embedding and curves of precision and recall, as TensorBoard takes them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, FileError, ShapeError
from knoll.utils.tensorboard import SummaryWriter
from written_events import events

POINTS = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
IMAGES = np.random.default_rng(1).integers(0, 256, (5, 3, 4, 4), dtype=np.uint8)


def summaries(folder: Path) -> list[Any]:
    return [value for event in events(folder) for value in event.summary.value]


def test_points_have_labels_and_pictures_row_by_row(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_embedding(knoll.from_numpy(POINTS), ["a", "b\tc", "d\ne", 4, "猫"], IMAGES, 7, tag='of "layer"/1')
    folder = tmp_path / "00007" / "of%20%22layer%22%2F1"
    read = np.loadtxt(folder / "tensors.tsv", delimiter="\t", dtype=np.float32)
    np.testing.assert_array_equal(read, POINTS)
    assert (folder / "metadata.tsv").read_text(encoding="utf-8") == "a\nb c\nd e\n4\n猫\n"
    sprite = np.asarray(Image.open(io.BytesIO((folder / "sprite.png").read_bytes())))
    assert sprite.shape == (12, 12, 3)
    for i, image in enumerate(IMAGES):
        top, left = i // 3 * 4, i % 3 * 4
        np.testing.assert_array_equal(sprite[top : top + 4, left : left + 4], image.transpose(1, 2, 0))
    assert not sprite[8:].any()
    assert (tmp_path / "projector_config.pbtxt").read_text(encoding="utf-8") == (
        'embeddings { tensor_name: "of \\"layer\\"/1:00007" '
        'tensor_path: "00007/of%20%22layer%22%2F1/tensors.tsv" '
        'metadata_path: "00007/of%20%22layer%22%2F1/metadata.tsv" '
        'sprite { image_path: "00007/of%20%22layer%22%2F1/sprite.png" single_image_dim: 4 single_image_dim: 4 } }\n'
    )


def test_each_embedding_has_an_entry(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_embedding(POINTS)
        header = ["name", "class"]
        writer.add_embedding(POINTS, [[f"n{i}", i] for i in range(5)], tag="second", metadata_header=header)
    lines = (tmp_path / "projector_config.pbtxt").read_text(encoding="utf-8").splitlines()
    assert [line.split('"')[1] for line in lines] == ["default:00000", "second:00000"]
    labels = (tmp_path / "00000" / "second" / "metadata.tsv").read_text(encoding="utf-8").splitlines()
    assert labels[:2] == ["name\tclass", "n0\t0"]


def test_precision_and_recall_are_counted_at_each_threshold(tmp_path: Path) -> None:
    truths, shares = np.array([0, 1, 1, 0, 1]), np.array([0.1, 0.6, 0.8, 0.4, 0.3])
    with SummaryWriter(tmp_path) as writer:
        writer.add_pr_curve("cats", knoll.from_numpy(truths) == 1, knoll.from_numpy(shares), 3, num_thresholds=5)
    (value,) = summaries(tmp_path)
    assert (value.tag, value.metadata.plugin_data.plugin_name) == ("cats", "pr_curves")
    shape = [each.size for each in value.tensor.tensor_shape.dim]
    assert shape == [6, 5]
    right, wrong, _, missed, precision, recall = np.array(value.tensor.float_val).reshape(shape)
    for i, threshold in enumerate(np.linspace(0, 1, 5)):
        # TensorBoard's last threshold takes in 1 itself; the others begin a bin of their own.
        taken = np.floor(shares * 4) >= np.floor(threshold * 4)
        hits, others = (taken & (truths == 1)).sum(), (taken & (truths == 0)).sum()
        assert (right[i], wrong[i], missed[i]) == (hits, others, 3 - hits)
        assert recall[i] == pytest.approx(hits / 3, abs=1e-6)
        if taken.any():
            assert precision[i] == pytest.approx(hits / taken.sum(), abs=1e-6)


def test_samples_count_as_much_as_they_weigh(tmp_path: Path) -> None:
    truths, shares, weights = [1, 1, 0], [0.9, 0.2, 0.8], [2.0, 1.0, 0.5]
    with SummaryWriter(tmp_path) as writer:
        writer.add_pr_curve("a", truths, shares, num_thresholds=3, weights=weights)
    (value,) = summaries(tmp_path)
    right, wrong, rejected, missed, precision, recall = np.array(value.tensor.float_val).reshape(6, 3)
    assert (right[1], wrong[1], rejected[1], missed[1]) == (2.0, 0.5, 0.0, 1.0)
    assert (precision[1], recall[1]) == (pytest.approx(0.8), pytest.approx(2 / 3))


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path)
    with pytest.raises(ShapeError, match="mat should be 2D"):
        writer.add_embedding(POINTS[0])
    with pytest.raises(ShapeError, match="#labels should equal with #data points"):
        writer.add_embedding(POINTS, ["a"])
    with pytest.raises(ShapeError, match="#images should equal with #data points"):
        writer.add_embedding(POINTS, label_img=IMAGES[:2])
    with pytest.raises(ShapeError, match="Image should be square"):
        writer.add_embedding(POINTS, label_img=IMAGES[:, :, :3])
    with pytest.raises(ShapeError, match="len of header must be equal"):
        writer.add_embedding(POINTS, [["a", "b"]] * 5, metadata_header=["one"])
    with pytest.raises(ArgumentError, match="at most 8192 pixels") as caught:
        writer.add_embedding(np.zeros((4, 1)), label_img=np.zeros((4, 1, 4097, 4097), np.uint8))
    assert "Resize" in str(caught.value)
    with pytest.raises(ArgumentTypeError, match="A tag is a text"):
        writer.add_embedding(POINTS, tag=3)  # type: ignore[arg-type]  # the wrong value
    with pytest.raises(ShapeError, match="for each sample"):
        writer.add_pr_curve("a", [1, 0], [0.5])
    with pytest.raises(ShapeError, match="for each sample"):
        writer.add_pr_curve("a", [1, 0], [0.5, 0.1], weights=[1.0])
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        writer.add_pr_curve("a", [1, 0], [0.5, 1.5])
    with pytest.raises(ArgumentError, match="2 thresholds or more"):
        writer.add_pr_curve("a", [1, 0], [0.5, 0.5], num_thresholds=1)
    assert [path.name[:6] for path in tmp_path.iterdir()] == ["events"]
    (tmp_path / "00000").write_text("in the way")
    with pytest.raises(FileError, match="00000"):
        writer.add_embedding(POINTS)
    writer.close()
