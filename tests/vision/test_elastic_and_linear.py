"""Images that are bent, and tensors times a matrix: by laws of their own, and against torchvision where it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import float64, nn, ones, zeros
from knoll.data import Draws, drawing
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import from_numpy
from knoll.vision.transforms import ElasticTransform, InterpolationMode, LinearTransformation, functional, v2
from knoll.vision.transforms.functional import elastic_transform

RNG = np.random.default_rng(5)
BYTES = RNG.integers(0, 256, (3, 25, 34), dtype=np.uint8)
FLOATS = RNG.random((2, 3, 25, 34), dtype=np.float32)
PICTURE = Image.fromarray(BYTES.transpose(1, 2, 0))
BENT = from_numpy((RNG.random((1, 25, 34, 2), np.float32) - 0.5) / 4)
MATRIX, MEAN = from_numpy(RNG.standard_normal((24, 24))), from_numpy(RNG.standard_normal(24))


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_a_displacement_by_whole_pixels_is_a_shift(mode: str) -> None:
    shift = from_numpy(np.broadcast_to(np.array([2 * 3 / 34, -2 * 2 / 25], np.float32), (1, 25, 34, 2)))
    moved = elastic_transform(from_numpy(FLOATS), shift, mode, fill=7).numpy()
    np.testing.assert_allclose(moved[..., 2:, :-3], FLOATS[..., :-2, 3:], atol=1e-4)
    np.testing.assert_allclose(moved[..., :2, :], 7, atol=1e-4)
    picture = np.asarray(elastic_transform(PICTURE, shift, mode, fill=7))
    np.testing.assert_array_equal(picture[2:, :-3], np.asarray(PICTURE)[:-2, 3:])


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("fill", [None, 9, [1.0, 2.0, 3.0]])
def test_images_are_bent_as_in_torchvision(torch: Any, mode: str, fill: Any) -> None:
    theirs = pytest.importorskip("torchvision.transforms.functional")
    other = theirs.InterpolationMode(mode)
    field = torch.from_numpy(BENT.numpy())
    for image in (BYTES, FLOATS[:1], FLOATS.astype(np.float64)):
        wanted = theirs.elastic_transform(torch.from_numpy(image), field, other, fill).numpy()
        made = elastic_transform(from_numpy(image), BENT, mode, fill).numpy()
        assert made.dtype == wanted.dtype
        np.testing.assert_allclose(made, wanted, rtol=0, atol=0 if image is BYTES else 2e-6)
    wanted = np.asarray(theirs.elastic_transform(PICTURE, field, other, fill))
    np.testing.assert_array_equal(np.asarray(elastic_transform(PICTURE, BENT, mode, fill)), wanted)


def test_a_sample_is_bent_alike_in_an_epoch_and_otherwise_in_the_next() -> None:
    bend = ElasticTransform(30.0, 2.0)

    def drawn(epoch: int, image: Any) -> bytes:
        with drawing(Draws(5, epoch, [3])):
            return np.asarray(bend(image)).tobytes()

    for image in (PICTURE, from_numpy(FLOATS)):
        assert drawn(0, image) == drawn(0, image)
        assert drawn(0, image) != drawn(1, image)


def test_displacements_are_as_far_and_as_smooth_as_is_asked_for() -> None:
    rough = ElasticTransform.get_params([17.0, 25.0], [0.0, 0.0], [50, 68]).numpy()
    assert rough.shape == (1, 50, 68, 2)
    np.testing.assert_allclose(np.abs(rough).max((0, 1, 2)), [17 / 68, 25 / 50], rtol=0.01)
    smooth = ElasticTransform.get_params([17.0, 25.0], [3.0, 3.0], [50, 68]).numpy()
    assert np.abs(np.diff(smooth, axis=1)).max() < 0.1 * np.abs(np.diff(rough, axis=1)).max()


def test_a_tensor_is_multiplied_by_the_matrix() -> None:
    images = RNG.standard_normal((5, 2, 3, 4))
    made = LinearTransformation(MATRIX, MEAN)(from_numpy(images))
    np.testing.assert_allclose(made.numpy().reshape(5, 24), (images.reshape(5, 24) - MEAN.numpy()) @ MATRIX.numpy())
    assert LinearTransformation(ones(6, 6), zeros(6))(ones(1, 2, 3)).tolist() == [[[6.0] * 3] * 2]


def test_they_are_printed_as_in_torchvision() -> None:
    assert [repr(ElasticTransform()), repr(LinearTransformation(ones(1, 1), zeros(1)))] == [
        "ElasticTransform(alpha=[50.0, 50.0], sigma=[5.0, 5.0], interpolation=InterpolationMode.BILINEAR, fill=[0.0])",
        "LinearTransformation(transformation_matrix=[[1.0]], mean_vector=[0.0])",
    ]


def bent(**given: Any) -> Callable[[], Any]:
    return lambda: ElasticTransform(**given)


def times(matrix: Any, mean: Any, image: Any) -> Callable[[], Any]:
    return lambda: LinearTransformation(matrix, mean)(image)


def read(image: Any, displacement: Any, mode: Any = "bilinear") -> Callable[[], Any]:
    return lambda: elastic_transform(image, displacement, mode)


@pytest.mark.parametrize(("call", "kind", "said"), [
    (bent(alpha=3), ArgumentTypeError, "alpha should be float or a sequence of floats. Got <class 'int'>"),
    (bent(alpha=[1.0]), ArgumentError, "If alpha is a sequence its length should be 2. Got 1"),
    (bent(sigma=[1, 2.0]), ArgumentTypeError, "sigma should be a sequence of floats. Got <class 'int'>"),
    (bent(fill=None), ArgumentTypeError, "fill should be int or float or a list or tuple of them. Got <class 'None"),
    (read(PICTURE, 3), ArgumentTypeError, "Argument displacement should be a Tensor"),
    (read(PICTURE, ones(1, 34, 25, 2)), ArgumentError, r"shape should be \(1, 25, 34, 2\), but given \(1, 34, 25, 2\)"),
    (read(from_numpy(BYTES), BENT, InterpolationMode.HAMMING), ArgumentError, "'hamming' is unsupported with Tensor"),
    (read(3, BENT), ArgumentTypeError, "Unexpected type <class 'int'>"),
    (times(ones(2, 3), ones(2), None), ArgumentError, r"should be square. Got \(2, 3\) rectangular matrix"),
    (times(ones(3, 3), ones(2), None), ArgumentError, r"same length 2 as any one of the dimensions of the"),
    (times(ones(2, 2), ones(2, dtype=float64), None), ArgumentError, "same dtype. Got float32 and float64"),
    (times([[1.0]], ones(1), None), ArgumentTypeError, "transformation_matrix should be a Tensor"),
    (times(ones(2, 2), ones(2, 1), None), ArgumentError, "mean_vector should have 1 dimensions"),
    (times(ones(2, 2), ones(2), PICTURE), ArgumentTypeError, "does not support PIL images"),
    (times(ones(2, 2), ones(2), ones(1, 2)), ArgumentError, "at least 3 dimensions"),
    (times(ones(2, 2), ones(2), ones(1, 1, 3)), ArgumentError, r"shape.\[1 x 1 x 3\] != 2"),
])  # fmt: skip
def test_wrong_arguments_are_refused(call: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call()


@pytest.mark.parametrize("fill", [None, 0.25])
def test_a_bicubic_elastic_transform_samples_a_grid_by_keys_cubic(fill: float | None) -> None:
    numbers = np.random.default_rng(5)
    x = knoll.from_numpy(numbers.random((2, 3, 7, 9)))
    moved = knoll.from_numpy(numbers.uniform(-0.4, 0.4, (1, 7, 9, 2)).astype(np.float32))
    across, down = (knoll.linspace((1 - n) / n, (n - 1) / n, n) for n in (9, 7))
    grid = knoll.stack([across.expand(7, 9), down.reshape(7, 1).expand(7, 9)], -1) + moved
    padded = knoll.cat([x, knoll.ones(2, 1, 7, 9, dtype=knoll.float64)], 1)
    sampled = nn.functional.grid_sample(
        padded, grid.double().expand(2, 7, 9, 2), mode="bicubic", padding_mode="zeros", align_corners=False
    )
    image, covered = sampled[:, :3], sampled[:, 3:]
    expected = image if fill is None else image * covered + (1 - covered) * fill
    for of in (functional, v2.functional):
        knoll.testing.assert_close(of.elastic_transform(x, moved, "bicubic", fill), expected, atol=1e-5, rtol=1e-5)


def test_other_movements_take_no_bicubic_interpolation_of_tensors() -> None:
    with pytest.raises(ArgumentError, match="Interpolation mode 'bicubic' is unsupported with Tensor input"):
        functional.rotate(knoll.rand(3, 4, 4), 10.0, "bicubic")


@pytest.mark.parametrize("size", [(4, 5), (11, 20), (7, 3)])
def test_lanczos_interpolation_of_a_tensor_is_that_of_a_picture(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(6).random((9, 13)).astype(np.float32)
    expected = np.asarray(Image.fromarray(pixels).resize(size[::-1], Image.Resampling.LANCZOS))
    for of in (functional, v2.functional):
        made = of.resize(knoll.from_numpy(pixels[None]), size, "lanczos")
        np.testing.assert_allclose(made[0].numpy(), expected, atol=1e-5)
        with pytest.raises(ArgumentError, match=r"InterpolationMode\.LANCZOS requires antialias=True"):
            of.resize(knoll.from_numpy(pixels[None]), size, "lanczos", antialias=False)
