"""Pictures of numbers draw any numbers, keep their marks inside of the paper, and tell what they cannot draw."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Pillow

from knoll.draw import (
    Image,
    Line,
    Measured,
    Scene,
    Span,
    Window,
    bars,
    channel_stack,
    curve,
    feature_maps,
    image_picture,
    kernel,
    number_grid,
    products,
    roofline,
    series,
    timeline,
)
from knoll.draw.curve import HEIGHT, WIDTH
from knoll.draw.extent import extent, leaves
from knoll.draw.pixel_image import AROUND_ZERO, around_zero
from knoll.draw.plot import LEFT, Axis, axis_of
from knoll.errors import ArgumentError, DTypeError, KnollError, ShapeError

NUMBERS = st.floats(width=32)
REASONABLE = st.floats(-1e6, 1e6)


def assert_inside(scene: Scene) -> None:
    """The paper is large enough for everything on it, and the text is XML."""
    assert np.isfinite(scene.size).all()
    for element in scene.elements:
        for leaf, dx, dy in leaves(element):
            box = extent(leaf).moved(dx, dy)
            assert min(box.left, box.top) >= -3
            assert box.right <= scene.width + 4
            assert box.bottom <= scene.height + 4
    ElementTree.fromstring(scene.svg())  # noqa: S314 (the text is our own)


@settings(deadline=None)
@given(arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=6), elements=NUMBERS))
def test_number_grids_fit_on_their_paper(matrix: np.ndarray) -> None:
    assert_inside(number_grid(matrix, title="a rather long title", axes=("rows", "columns"), limit=5, behind=9))


@settings(deadline=None)
@given(arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=5), elements=NUMBERS))
def test_kernels_fit_on_their_paper(weight: np.ndarray) -> None:
    assert_inside(kernel(weight, bias=-0.125, title="weight"))


@settings(deadline=None)
@given(
    arrays.arrays(np.float32, arrays.array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=5), elements=NUMBERS),
    st.booleans(),
)
def test_feature_maps_fit_on_their_paper(maps: np.ndarray, shared: bool) -> None:
    assert_inside(feature_maps(maps, shared=shared, title="Conv2d", limit=3))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.floats(width=64)), max_size=9), st.booleans())
def test_series_fit_on_their_paper(points: list[tuple[int, float]], stairs: bool) -> None:
    assert_inside(series({"loss": points, "one": points[:1]}, names=("step", "loss"), stairs=stairs))
    assert_inside(series({"loss" * 40: points}, names=("step", "loss"), stairs=stairs, wide=280))


@settings(deadline=None)
@given(st.integers(0, 8).flatmap(lambda n: arrays.arrays(np.float64, n, elements=st.floats(width=64))))
def test_bars_fit_on_their_paper(values: np.ndarray) -> None:
    chosen = 0 if len(values) else None
    assert_inside(bars(values, [f"class {i}" for i in range(len(values))], title="softmax", chosen=chosen))


@settings(deadline=None)
@given(
    arrays.arrays(np.float64, arrays.array_shapes(min_dims=1, max_dims=1, max_side=9), elements=st.floats(width=64)),
    REASONABLE,
)
def test_curves_fit_on_their_paper(y: np.ndarray, at: float) -> None:
    x = np.linspace(-3, 3, len(y))
    assert_inside(curve(x, y, slope=np.gradient(np.nan_to_num(y, posinf=0, neginf=0) / 1e3, x) if len(y) > 1 else None))
    assert_inside(curve(x, x * at, point=(0.5, 0.5 * at, at), title="line"))


@pytest.mark.parametrize(
    ("function", "pieces"),
    [
        (lambda x: np.maximum(x, 0), 1),
        (lambda x: 1 / (1 + np.exp(-20 * x)), 1),
        (lambda x: np.abs(x) ** 0.5, 1),
        (np.heaviside, 2),
        (lambda x: np.where(np.abs(x) > 0.5, x, 0), 3),
    ],
)
def test_a_curve_is_broken_where_the_function_jumps(function: Callable[..., np.ndarray], pieces: int) -> None:
    x = np.linspace(-4, 4, 160)
    y = function(x, 0) if function is np.heaviside else function(x)
    assert curve(x, y).svg().count('stroke-width="2.5"') == pieces


def test_wrong_shapes_are_told() -> None:
    wrong: list[Callable[[], Scene]] = [
        lambda: kernel([1, 2]),
        lambda: feature_maps([[1, 2]]),
        lambda: image_picture(np.zeros((2, 3, 3))),
        lambda: image_picture(np.zeros((0, 3))),
        lambda: bars([1, 2], ["one"]),
        lambda: curve([1, 2], [1, 2, 3]),
        lambda: curve([1, 2], [1, 2], slope=[1]),
        lambda: feature_maps(np.zeros((2, 3, 3)), names=["one"]),
        lambda: channel_stack([Scene(1, 1)], channels=[1, 2]),
        lambda: products([[1]], [[1, 2]], [[1]], total=1, result=1),
    ]
    for call in wrong:
        with pytest.raises(ShapeError, match="got: "):
            call()


def test_batches_and_channels_that_come_last_get_advice() -> None:
    with pytest.raises(ShapeError, match=r"got: \(1, 6, 8, 8\)\n  try: one sample or one channel of it: x\[0\]"):
        feature_maps(np.zeros((1, 6, 8, 8)))
    with pytest.raises(ShapeError, match=r"got: \(8, 9, 3\)\n  try: channels come first: x.transpose\(2, 0, 1\)"):
        image_picture(np.zeros((8, 9, 3)))


def test_products_show_the_sum_the_bias_and_the_result() -> None:
    scene = products([[1, 2]], [[3, 4]], [[3, 8]], total=11, bias=-0.5, result=10.5, title="y[0, 0]")
    assert_inside(scene)
    assert all(f">{number}</text>" in scene.svg() for number in ("8", "11", "−0.5", "10.5"))
    assert "bias" not in products([[1]], [[1]], [[1]], total=1, result=1).svg(language="en")


def test_words_are_no_numbers() -> None:
    with pytest.raises(DTypeError, match="cannot be drawn"):
        bars(["a"], ["a"])
    assert ">a</text>" in number_grid([["a"]]).svg()


def test_feature_maps_say_range_mean_and_what_is_dead() -> None:
    maps = np.stack([np.zeros((4, 4)), np.arange(16).reshape(4, 4) - 4.0, np.full((4, 4), np.nan)])
    svg = feature_maps(maps).svg(language="en")
    for words in ("all zeros: dead", "−4 … 11", "mean 3.5", "16 numbers not finite", "c = 2", ">−11<", ">11<"):
        assert words in svg
    assert "2 of 3 channels" in feature_maps(maps, limit=2).svg(language="en")


def test_colours_around_zero_grow_brighter_and_keep_zero_in_the_middle() -> None:
    ramp = around_zero(np.linspace(-2, 2, 101)[None], 2.0)[0].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(ramp) > 0).all()
    assert around_zero(np.zeros((1, 1)), 0.0).tolist() == [[list(AROUND_ZERO[2])]]
    assert around_zero(np.array([[np.inf, -np.inf]]), 1.0).tolist() == [[list(AROUND_ZERO[4]), list(AROUND_ZERO[0])]]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_images_keep_their_pixels(dtype: type, channels: tuple[int, ...]) -> None:
    whole = np.random.default_rng(0).integers(0, 256, (*channels, 5, 7)).astype(np.uint8)
    array = whole if dtype is np.uint8 else (whole / 255).astype(dtype)
    scene = image_picture(array, windows=[Window((1, 2), (3, 4))])
    assert_inside(scene)
    (image,) = (element for element in scene.elements if isinstance(element, Image))
    pixels = np.asarray(Pillow.open(BytesIO(image.png)))
    planes = whole[None] if whole.ndim == 2 else whole
    wanted = np.repeat(planes, 3, axis=0) if len(planes) == 1 else planes
    np.testing.assert_array_equal(pixels, wanted.transpose(1, 2, 0))


def test_the_shape_below_a_small_image_fits_on_its_paper() -> None:
    assert_inside(image_picture(np.zeros((3, 24, 24)), side=24))


def test_numbers_outside_of_an_image_are_counted() -> None:
    assert "2 numbers outside the range" in image_picture([[0.5, 2.0], [-1.0, 1.0]]).svg(language="en")


def test_a_time_line_names_every_step() -> None:
    spans = [Span(0, "conv", 0, 10), Span(1, "conv", 0, 9), Span(0, "a very long name", 10, 10.01)]
    scene = timeline(spans)
    assert_inside(scene)
    svg = scene.svg(language="en")
    assert svg.count(">conv</text>") == 2
    assert "2: a very long name" in svg
    assert_inside(timeline([]))
    with pytest.raises(ArgumentError, match="A step starts"):
        timeline([Span(0, "x", 2, 1)])


def test_a_roofline_has_a_dot_for_each_step() -> None:
    scene = roofline([Measured("conv", 30, 90), Measured("pool", 0.25, 2)], peak=100, bandwidth=20)
    assert_inside(scene)
    assert scene.svg().count("<circle") == 2
    assert_inside(roofline([], peak=100, bandwidth=20))
    with pytest.raises(KnollError, match="positive, finite numbers"):
        roofline([Measured("conv", 0, 1)], peak=100, bandwidth=20)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.0, 0.0015, ["0", "0.0005", "0.001", "0.0015"]),
        (-0.0002, 0.0002, ["\u22120.0002", "\u22120.0001", "0", "0.0001", "0.0002"]),
        (0.0, 2e-9, ["0", "5e\u221210", "1e\u221209", "1.5e\u221209", "2e\u221209"]),
        (0.0, 3.0, ["0", "0.5", "1", "1.5", "2", "2.5", "3"]),
        (0.0, 3e7, ["0", "5e+06", "1e+07", "1.5e+07", "2e+07", "2.5e+07", "3e+07"]),
    ],
)
def test_the_numbers_of_an_axis_are_written_alike(low: float, high: float, labels: list[str]) -> None:
    axis = Axis(low, high)
    assert axis.labels() == labels
    assert [float(label.replace("\u2212", "-")) for label in labels] == axis.ticks()


@pytest.mark.parametrize("point", [(4, 4, 1), (-4, -4, 1), (0, 0, 1e9), (4, -4, -0.5)])
def test_a_tangent_ends_at_the_edge_of_its_plane(point: tuple[float, float, float]) -> None:
    scene = curve(np.linspace(-4, 4, 9), np.linspace(-4, 4, 9), point=point)
    found = [leaf for element in scene.elements for leaf, _, _ in leaves(element)]
    lines = [leaf for leaf in found if isinstance(leaf, Line) and leaf.style.stroke == "winner"]
    assert len(lines) == 3
    assert all(LEFT - 1e-9 <= x <= LEFT + WIDTH + 1e-9 for line in lines for x in (line.x1, line.x2))
    assert all(24 - 1e-9 <= y <= 24 + HEIGHT + 1e-9 for line in lines for y in (line.y1, line.y2))


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.25, 0.125, 0.375), (-3.0, -4.5, -1.5), (0.0, -1.0, 1.0), (1e-12, -1.0, 1.0)]
)
def test_the_axis_of_one_number_is_in_proportion_to_it(value: float, low: float, high: float) -> None:
    axis = axis_of(np.array([value, value]))
    assert (axis.low, axis.high) == (pytest.approx(low), pytest.approx(high))
    assert len(set(axis.labels())) > 3
