"""Boxes and masks on images: every pixel is torchvision's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, FileError
from knoll.vision.utils import draw_bounding_boxes, draw_segmentation_masks

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (3, 20, 30)).astype(np.uint8)
MASKS = RNG.random((4, 20, 30)) < 0.4
BOXES = np.array([[2, 3, 15, 12], [0, 0, 29, 19], [5.7, 6.2, 9.9, 8.1], [3, 3, 3, 9]])
CORNERS = np.array([[3, 3, 20, 5, 18, 15, 2, 12], [8, 2, 25, 9, 20, 18, 4, 11]])
LABELS = ["a", "bc", "d", "dog"]
COLOURS: list[Any] = [None, "red", ["red", "#00ff80", (1, 2, 3), "blue", "white"], (9, 200, 3)]
OF_BOXES: list[dict[str, Any]] = [
    {}, {"fill": True}, {"width": 3}, {"colors": "green", "labels": ["a", "bc", None, "cat"]},
    {"labels": LABELS, "fill_labels": True}, {"labels": LABELS, "label_colors": "red"},
    {"labels": LABELS, "fill_labels": True, "label_colors": "white", "label_background_colors": ["red"] * 4},
    {"fill": True, "colors": [(1, 2, 3)] * 4, "width": 2},
]  # fmt: skip


def drawn(name: str, dtype: str, *given: Any, **arguments: Any) -> list[Any]:
    """What both libraries draw on the image in an element type."""
    torch, theirs = pytest.importorskip("torch"), pytest.importorskip("torchvision.utils")
    image = IMAGE if dtype == "uint8" else (IMAGE / 255).astype(dtype)
    arrays = (image, *given)
    mine = globals()[name](*map(knoll.tensor, arrays), **arguments)
    truth = getattr(theirs, name)(*map(torch.tensor, arrays), **arguments)
    return [mine.numpy(), truth.numpy()]


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("colors", COLOURS, ids=str)
@pytest.mark.parametrize("alpha", [0, 0.3, 0.8, 1])
def test_masks_are_torchvisions(dtype: str, colors: Any, alpha: float) -> None:
    mine, truth = drawn("draw_segmentation_masks", dtype, MASKS, alpha=alpha, colors=colors)
    np.testing.assert_allclose(mine, truth, rtol=0, atol=1e-8 if dtype == "float64" else 0, strict=True)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("arguments", OF_BOXES, ids=str)
def test_boxes_are_torchvisions(dtype: str, arguments: dict[str, Any]) -> None:
    mine, truth = drawn("draw_bounding_boxes", dtype, BOXES, **arguments)
    np.testing.assert_array_equal(mine, truth, strict=True)


@pytest.mark.parametrize("arguments", [{}, {"fill": True, "width": 2}], ids=str)
def test_boxes_by_their_corners_are_torchvisions(arguments: dict[str, Any]) -> None:
    mine, truth = drawn("draw_bounding_boxes", "uint8", CORNERS, **arguments)
    np.testing.assert_array_equal(mine, truth, strict=True)


def test_masks_are_mixed_with_the_image_and_overlaps_are_dark() -> None:
    image = knoll.full((3, 1, 4), 100, dtype=knoll.uint8)
    masks = knoll.tensor([[[True, True, False, False]], [[False, True, True, False]]])
    found = draw_segmentation_masks(image, masks, alpha=0.5, colors=["red", (0, 200, 0)])
    assert found.tolist() == [[[177, 50, 50, 100]], [[50, 50, 150, 100]], [[50, 50, 50, 100]]]
    assert image.unique().tolist() == [100]
    one = draw_segmentation_masks(image, masks[0], alpha=1.0, colors="white")
    assert one[:, 0, 0].tolist() == [255] * 3


def test_boxes_are_lines_around_pixels() -> None:
    box = knoll.tensor([[1, 1, 3, 3]])
    found = draw_bounding_boxes(knoll.zeros(1, 5, 5), box, colors=(255, 0, 51))
    ring = np.pad([[1, 1, 1], [1, 0, 1], [1, 1, 1]], 1)
    np.testing.assert_allclose(found.numpy(), np.stack([ring, 0 * ring, ring * 0.2]), atol=1e-6)
    filled = draw_bounding_boxes(knoll.zeros(3, 5, 5), box, colors="red", fill=True)
    assert filled[0, 2, 2].item() == pytest.approx(100 / 255)


def test_labels_stand_inside_with_a_background() -> None:
    image, box = knoll.zeros(3, 40, 60, dtype=knoll.uint8), knoll.tensor([[0, 0, 59, 39]])
    words: dict[str, Any] = {"labels": ["tree"], "colors": "red"}
    plain = draw_bounding_boxes(image, box, **words).numpy()
    assert (plain[0, 2:20, 2:40] > 0).any()
    behind = draw_bounding_boxes(image, box, fill_labels=True, label_background_colors="blue", **words).numpy()
    assert (behind[2] > 0).sum() > (plain[0, 2:20, 2:40] > 0).sum()
    with pytest.warns(UserWarning, match="'font_size' will be ignored"):
        draw_bounding_boxes(image, box, font_size=20, **words)


@pytest.mark.parametrize(("arguments", "sentence"), [
    ((IMAGE[None], BOXES), "Pass individual images, not batches"),
    ((IMAGE.astype(np.int32), BOXES), "The image dtype must be uint8 or float"),
    ((IMAGE[:2], BOXES), "Only grayscale and RGB images"),
    ((IMAGE, BOXES[:, [2, 1, 0, 3]]), "Boxes need to be in"),
    ((IMAGE, BOXES, ["a"]), r"Number of boxes \(4\) and labels \(1\) mismatch"),
    ((IMAGE, BOXES, None, ["red"]), "must be equal or larger than the number of objects, but got 1 < 4"),
    ((IMAGE, BOXES, None, 3), "colors must be a tuple or a string, or a list thereof, but got 3"),
    ((IMAGE, BOXES, None, (1, 2)), r"colors should be an RGB triplet, but got \(1, 2\)"),
    ((IMAGE, BOXES, None, "nocolour"), "unknown color specifier: 'nocolour'"),
])  # fmt: skip
def test_what_boxes_refuse(arguments: tuple[Any, ...], sentence: str) -> None:
    image, boxes, *others = arguments
    with pytest.raises(ArgumentError, match=sentence):
        draw_bounding_boxes(knoll.tensor(image), knoll.tensor(boxes), *others)


@pytest.mark.parametrize(("image", "masks", "sentence"), [
    (IMAGE, MASKS[None], r"masks must be of shape \(H, W\) or \(batch_size, H, W\)"),
    (IMAGE, MASKS.astype(np.uint8), "The masks must be of dtype bool"),
    (IMAGE, MASKS[:, 1:], "must have the same height and width"),
    (IMAGE[:1], MASKS, "Pass an RGB image"),
])  # fmt: skip
def test_what_masks_refuse(image: Any, masks: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        draw_segmentation_masks(knoll.tensor(image), knoll.tensor(masks))


def test_what_is_no_image_and_what_is_nothing() -> None:
    image: Any = knoll.tensor(IMAGE)
    with pytest.raises(ArgumentTypeError, match="Tensor expected, got <class 'int'>"):
        draw_bounding_boxes(3, knoll.tensor(BOXES))  # type: ignore[arg-type]  # is refused
    with pytest.raises(ArgumentTypeError, match="The image must be a tensor, got <class 'int'>"):
        draw_segmentation_masks(3, knoll.tensor(MASKS))  # type: ignore[arg-type]  # is refused
    with pytest.raises(FileError, match="cannot open resource"):
        draw_bounding_boxes(image, knoll.tensor(BOXES), font="nowhere.ttf")
    with pytest.warns(UserWarning, match="No box was drawn"):
        assert draw_bounding_boxes(image, knoll.zeros(0, 4)) is image
    with pytest.warns(UserWarning, match="No mask was drawn"):
        assert draw_segmentation_masks(image, knoll.tensor(MASKS[:0])) is image
