from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, UnsupportedError
from knoll.nn import functional as F

ULPS = {"float32": 1e-6, "float64": 2e-14}  # PyTorch does not say whether weights are rounded once or twice

TERMS = 6  # by which the terms of Keys' cubic, up to 8 · 0.75 · distance, exceed its results


@st.composite
def layers(draw: Any) -> tuple[dict[str, Any], tuple[int, ...], str]:
    """Arguments of Upsample, all five, a shape that fits, and an element type."""
    axes = draw(st.integers(1, 3))
    shape = (*draw(st.sampled_from([(0, 3), (2, 3)])), *(draw(st.integers(1, 9)) for _ in range(axes)))
    modes = ["nearest", "nearest-exact", "area", ["linear", "bilinear", "trilinear"][axes - 1]]
    mode = draw(st.sampled_from([*modes, "bicubic"] if axes == 2 else modes))
    arguments: dict[str, Any] = {"mode": mode}
    if "linear" in mode or mode == "bicubic":
        arguments["align_corners"] = draw(st.sampled_from([None, False, True]))
    if draw(st.booleans()):
        arguments["size"] = draw(st.one_of(st.integers(1, 20), st.tuples(*[st.integers(1, 20)] * axes)))
    else:
        scales = st.sampled_from([1, 2, 3, 1.0, 1.5, 2.0, 2.7])
        arguments["scale_factor"] = draw(st.one_of(scales, st.tuples(*[scales] * axes)))
        arguments["recompute_scale_factor"] = draw(st.sampled_from([None, False, True]))
    return arguments, shape, draw(st.sampled_from(["float32", "float64"]))


@given(layers())
@settings(max_examples=100, deadline=None)
def test_results_and_gradients_are_pytorchs(torch: Any, case: Any) -> None:
    arguments, shape, dtype = case
    ours, theirs = nn.Upsample(**arguments), torch.nn.Upsample(**arguments)
    assert repr(ours) == repr(theirs)
    numbers = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x), theirs(other)
    assert y.shape == tuple(expected.shape)
    assert y.dtype == numbers.dtype
    terms = TERMS if arguments["mode"] == "bicubic" else 1
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=0, atol=4 * terms * ULPS[dtype])
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    scale = max(float(abs(other.grad).max()) if other.grad.numel() else 0, 1.0)
    np.testing.assert_allclose(x.grad.numpy(), other.grad.numpy(), rtol=0, atol=8 * terms * ULPS[dtype] * scale)


@given(st.integers(1, 60), st.integers(1, 200), st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_same_elements_are_nearest(torch: Any, size: int, wanted: int, exact: bool) -> None:
    mode = "nearest-exact" if exact else "nearest"
    x = np.broadcast_to(np.arange(size).astype(np.float32), (1, 4, 1, size))
    y = F.interpolate(x, (1, wanted), mode=mode).numpy()
    # Where a centre lies on the border of two elements, PyTorch's other memory format rounds another way (2 → 141).
    theirs = torch.tensor(x).contiguous(memory_format=torch.channels_last)
    expected = torch.nn.functional.interpolate(theirs, (1, wanted), mode=mode).numpy()
    np.testing.assert_array_equal(y, expected)


@given(st.integers(1, 60), st.floats(0.1, 5), st.booleans())
@settings(max_examples=200, deadline=None)
def test_weights_are_pytorchs_to_the_last_bit(torch: Any, size: int, scale: float, corners: bool) -> None:
    if int(size * scale) < 1:
        return
    x = np.eye(size, dtype=np.float32).reshape(1, size, 1, size)
    way: dict[str, Any] = {"scale_factor": (1.0, scale), "mode": "bilinear", "align_corners": corners}
    y = F.interpolate(x, **way).numpy()
    expected = torch.nn.functional.interpolate(torch.tensor(x), **way).numpy()
    np.testing.assert_allclose(y, expected, rtol=0, atol=4e-6 * size)


@pytest.mark.parametrize("layer", ["UpsamplingNearest2d(scale_factor=3)", "UpsamplingBilinear2d(size=(5, 9))"])
def test_names_of_older_programs(torch: Any, layer: str) -> None:
    ours, theirs = (eval(f"nn.{layer}", {"nn": library}) for library in (nn, torch.nn))  # noqa: S307 (our own text)
    assert repr(ours) == repr(theirs)
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    np.testing.assert_allclose(ours(x).numpy(), theirs(torch.tensor(x)).numpy(), rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("name", ["upsample", "upsample_nearest", "upsample_bilinear"])
def test_functions_of_older_programs_warn(torch: Any, name: str) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    with pytest.warns(UserWarning, match=f"`nn.functional.{name}` is deprecated") as caught:
        y = getattr(F, name)(x, size=7)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=f"`nn.functional.{name}` is deprecated"):
        expected = getattr(torch.nn.functional, name)(torch.tensor(x), size=7)
    np.testing.assert_allclose(y.numpy(), expected.numpy(), rtol=1e-14, atol=1e-14)


SMOOTH = [("bilinear", False), ("bicubic", False), ("bilinear", True), ("bicubic", True), ("lanczos", True)]
SIZES: list[dict[str, Any]] = [
    {"size": (5, 9)}, {"size": (17, 3)}, {"size": (1, 2)}, {"size": (11, 8)}, {"size": (30, 30)}, {"scale_factor": 1.7},
    {"scale_factor": (2.7, 0.3)}, {"scale_factor": 0.4, "recompute_scale_factor": True},
]  # fmt: skip


def corners_of(mode: str) -> tuple[bool | None, ...]:
    if mode.startswith("nearest"):
        return (None,)
    return (None, False) if mode == "lanczos" else (None, False, True)


@pytest.mark.parametrize("channels", [1, 3, 4, 5])
@pytest.mark.parametrize(("mode", "antialias"), [("nearest", False), ("nearest-exact", False), *SMOOTH])
def test_pictures_in_bytes(torch: Any, mode: str, antialias: bool, channels: int) -> None:
    x = np.random.default_rng(0).integers(0, 256, (2, channels, 11, 8)).astype(np.uint8)
    for corners in corners_of(mode):
        for way in SIZES:
            options = {"mode": mode, "antialias": antialias, "align_corners": corners, **way}
            y = F.interpolate(x, **options).numpy()
            assert y.dtype == np.uint8
            expected = torch.nn.functional.interpolate(torch.tensor(x), **options).numpy()
            np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("mode", "antialias"), SMOOTH)
def test_smooth_modes_and_their_gradients_are_pytorchs(torch: Any, mode: str, antialias: bool, dtype: str) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 11, 8)).astype(dtype)
    for corners in corners_of(mode):
        for way in SIZES:
            results = []
            for library in (knoll, torch):
                leaf = library.tensor(x, requires_grad=True)
                options = {"mode": mode, "antialias": antialias, "align_corners": corners, **way}
                y = library.nn.functional.interpolate(leaf, **options)
                y.square().sum().backward()
                results.append((y.detach().numpy(), leaf.grad.numpy()))
            for mine, truth in zip(*results, strict=True):
                most = max(abs(truth).max(), 1)
                np.testing.assert_allclose(mine, truth, rtol=0, atol=4 * TERMS * ULPS[dtype] * most)


ERRORS: list[Callable[[Any], object]] = [
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8)),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, 2),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), (4, 4, 4)),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), (4.5, 4)),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), scale_factor=(2,)),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, align_corners=True),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, mode="area", align_corners=False),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, recompute_scale_factor=True),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, antialias=True),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, mode="bilinea"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, mode="linear"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, mode="trilinear"),
    lambda k: k.F.interpolate(k.x(2, 8, 8), 4, mode="bilinear"),
    lambda k: k.F.interpolate(k.x(2, 8, 8), 4, mode="trilinear"),
    lambda k: k.F.interpolate(k.x(1, 2, 2, 8, 8), 4, mode="bilinear"),
    lambda k: k.F.interpolate(k.x(1, 2, 2, 8, 8), 4, mode="linear"),
    lambda k: k.F.interpolate(k.x(8, 8), scale_factor=2),
    lambda k: k.F.interpolate(k.x(8), scale_factor=2, mode="bilinear"),
    lambda k: k.F.interpolate(k.x(1, 1, 1, 1, 1, 1), scale_factor=2),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 0),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), (0, 3), mode="bilinear"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), scale_factor=0.1),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), scale_factor=-1),
    lambda k: k.F.interpolate(k.x(1, 2, 0, 8), scale_factor=2),
    lambda k: k.F.interpolate(k.x(1, 2, 0), scale_factor=2),
    lambda k: k.F.interpolate(k.x(1, 2, 2, 0, 3), scale_factor=2),
    lambda k: k.F.interpolate(k.x(2, 0, 8, 8), scale_factor=2),
    lambda k: k.F.interpolate(k.x(2, 0, 8), scale_factor=2, mode="linear"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8, dtype="int64"), 4),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8, dtype="bool"), 4, mode="bilinear"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, dtype="uint8"), 4, mode="linear"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, dtype="int8"), 4),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8, dtype="uint8"), 4, mode="area"),
    lambda k: k.F.interpolate(k.x(1, 2, 2, 0, 8), 4, mode="area"),
    lambda k: k.F.interpolate(k.x(2, 8, 8), 4, mode="bicubic"),
    lambda k: k.F.interpolate(k.x(1, 2, 2, 8, 8), 4, mode="bicubic"),
    lambda k: k.F.interpolate(k.x(2, 8, 8), 4, mode="bicubic", antialias=True),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, mode="lanczos"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 4, mode="lanczos", align_corners=True),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8), 0, mode="bicubic", antialias=True),
    lambda k: k.F.interpolate(k.x(1, 0, 8, 8), 3, mode="bicubic"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8, dtype="int64"), 3, mode="bicubic"),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8, dtype="bool"), 3, mode="bilinear", antialias=True),
    lambda k: k.F.interpolate(k.x(1, 2, 8, 8, dtype="float16"), 3, mode="bicubic", antialias=True),
    lambda k: k.nn.Upsample()(k.x(1, 2, 8, 8)),
    lambda k: k.nn.Upsample(3, 2)(k.x(1, 2, 8, 8)),
    lambda k: k.nn.Upsample(scale_factor=[2, 3]),
    lambda k: k.nn.Upsample(scale_factor="x"),
]


@pytest.mark.parametrize("call", ERRORS)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"size": 4.5}, ArgumentTypeError, "argument 'size' must be int, not float"),
        ({"size": True}, ArgumentTypeError, "argument 'size' must be int, not bool"),
        ({"scale_factor": "a"}, ArgumentTypeError, "argument 'scale_factor' must be float, not str"),
        ({"scale_factor": (None, 2.0)}, ArgumentTypeError, "argument 'scale_factor' must be float, not NoneType"),
        ({"scale_factor": float("nan")}, ArgumentError, "got: scale_factor=nan"),
        ({"size": 4, "mode": "linear"}, UnsupportedError, "try: mode='bilinear'"),
        ({"scale_factor": 0.1}, RuntimeError, "try: a larger size or scale_factor"),
    ],
)
def test_what_to_do_is_told(arguments: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        F.interpolate(np.ones((1, 2, 8, 8)), **arguments)
    assert words in str(caught.value)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_sizes_that_no_number_holds_are_refused(torch: Any, mode: str) -> None:
    x = knoll.ones(1, 1, 2, 2)
    with pytest.raises(RuntimeError, match="without overflow"):
        torch.nn.functional.interpolate(torch.ones(1, 1, 2, 2), scale_factor=1e20, mode=mode)
    with pytest.raises(RuntimeError, match="cannot be converted to type int64_t without overflow"):
        F.interpolate(x, scale_factor=1e20, mode=mode)
    for factor in (10**400, (1, 10**400), -(10**400), float("nan")):  # more than any float holds
        with pytest.raises(RuntimeError, match="cannot be converted to type int64_t without overflow"):
            F.interpolate(x, scale_factor=factor, mode=mode)
    with pytest.raises(ArgumentError, match="int too large to convert to float"):
        nn.Upsample(scale_factor=10**400, mode=mode)
    for size in ((2.0, 2.0), (knoll.tensor(2.0), 2)):
        with pytest.raises(TypeError, match="expected size to be one of int or Tuple"):
            F.interpolate(x, size=size, mode=mode)
