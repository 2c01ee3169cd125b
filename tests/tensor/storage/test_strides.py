"""How views lie: strides as PyTorch counts them, also of axes with one element and of empty tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import nn
from side_by_side import same_refusal

SHAPES = ((3, 4), (1, 4), (3, 1), (1, 1), (2, 1, 3), (1, 3, 1), (2, 3, 4), (0, 3), (3, 0), (0,), (1,), (), (2, 3, 4, 5),
          (1, 1, 4, 5), (2, 0, 4))  # fmt: skip
VIEWS: dict[str, Callable[[Any], Any]] = {
    "[None]": lambda x: x[None],
    "[..., None]": lambda x: x[..., None],
    "[:, None]": lambda x: x[:, None],
    "[None, ::2, None]": lambda x: x[None, ::2, None],
    "[0, None]": lambda x: x[0, None],
    "[1:]": lambda x: x[1:],
    "[::2]": lambda x: x[::2],
    "[..., :1]": lambda x: x[..., :1],
    "[..., 1:1]": lambda x: x[..., 1:1],
    "[..., 0]": lambda x: x[..., 0],
    "unsqueeze(0)": lambda x: x.unsqueeze(0),
    "unsqueeze(-1)": lambda x: x.unsqueeze(-1),
    "squeeze()": lambda x: x.squeeze(),
    "squeeze(-1)": lambda x: x.squeeze(-1),
    "t": lambda x: x.transpose(0, -1),
    "mT": lambda x: x.mT,
    "permute": lambda x: x.permute(*range(x.dim())[::-1]),
    "expand new": lambda x: x.expand(2, *x.shape),
    "expand ones": lambda x: x.expand(*[7 if size == 1 else size for size in x.shape]),
    "expand nothing": lambda x: x.expand(*[-1] * x.dim()),
    "expand to none": lambda x: x.expand(0, *x.shape),
    "view(-1)": lambda x: x.view(-1),
    "view in ones": lambda x: x.view(1, *x.shape, 1),
    "view(-1, 2)": lambda x: x.view(-1, 2),
    "flatten(1)": lambda x: x.flatten(1),
    "reshape(shape)": lambda x: x.reshape(x.shape),
    "unflatten": lambda x: x.unflatten(-1, (1, -1)),
    "diagonal": lambda x: x.diagonal(1),
    "unfold": lambda x: x.unfold(0, 2, 1),
    "unfold one": lambda x: x.unfold(-1, 1, 2),
    "narrow": lambda x: x.narrow(0, 0, 1),
    "chunk": lambda x: x.chunk(2)[-1],
    "detach": lambda x: x.detach(),
    "contiguous": lambda x: x.contiguous(),
    "bits": lambda x: x.view(x.dtype),
}


def _lies(library: Any, x: Any) -> Any:
    formats = (library.contiguous_format, library.preserve_format, library.channels_last, library.channels_last_3d)
    return tuple(x.shape), tuple(x.stride()), [x.is_contiguous(memory_format=each) for each in formats]


def _found(library: Any, shape: tuple[int, ...], first: str, second: str) -> Any:
    try:
        return _lies(library, VIEWS[second](VIEWS[first](library.zeros(shape))))
    except (RuntimeError, IndexError, TypeError):
        return "refused"


@pytest.mark.pytorch
@pytest.mark.parametrize("first", VIEWS)
@pytest.mark.filterwarnings("ignore:Tensor.mT is deprecated")
def test_views_of_views_lie_as_in_pytorch(torch: Any, first: str) -> None:
    for shape in SHAPES:
        for second in VIEWS:
            assert _found(knoll, shape, first, second) == _found(torch, shape, first, second), (shape, second)


class Looking(nn.Module):
    """Takes a view of a view, and looks how it lies while it waits for its numbers."""

    def forward(self, x: Any, first: str, second: str) -> Any:
        y = VIEWS[second](VIEWS[first](x))
        self.lay = _lies(knoll, y)
        return y


@pytest.mark.parametrize("first", VIEWS)
def test_views_that_wait_or_learn_lie_as_others(first: str) -> None:
    looking = Looking()
    for shape in ((2, 1, 3), (2, 2)):
        for second in VIEWS:
            expected = _found(knoll, shape, first, second)
            if expected == "refused":
                continue
            learning = VIEWS[second](VIEWS[first](knoll.zeros(shape, requires_grad=True) * 1))
            assert _lies(knoll, learning) == expected, second
            assert _lies(knoll, looking(knoll.zeros(shape), first, second)) == looking.lay == expected, second


def test_numbers() -> None:
    assert knoll.zeros(3, 4)[None].stride() == (12, 4, 1)
    assert knoll.zeros(3, 4).t()[:, None].stride() == (1, 12, 4)
    assert knoll.zeros(0, 3).stride() == (3, 1)
    assert knoll.zeros(2, 0, 3)[1:, :, 1:].stride() == (3, 3, 1)
    assert knoll.zeros(1).expand(3).stride(0) == 0
    assert knoll.tensor([1.0]).view("uint8").stride() == (1,)
    assert knoll.zeros(2, 3, 4, 5).permute(0, 3, 1, 2).is_contiguous(memory_format=knoll.channels_last)


def test_results_lie_in_reading_order() -> None:
    """At once as in a program, whatever lay how."""
    x = knoll.arange(6.0).reshape(2, 3).t()
    for result in (
        x + 1,
        x.relu(),
        x.double(),
        knoll.cat([x, x]),
        knoll.stack([x, x]),
        x.roll(1, 0),
        x.clone(),
        x[[1]],
    ):
        assert result.is_contiguous()
        assert result.numpy().flags.c_contiguous
    assert (x + 1).view(-1).tolist() == [1, 4, 2, 5, 3, 6]


@pytest.mark.pytorch
def test_refusals() -> None:
    same_refusal(lambda lib: lib.zeros(3).to(memory_format=lib.channels_last))
    same_refusal(lambda lib: lib.zeros(3).contiguous(memory_format=lib.channels_last))
    same_refusal(lambda lib: lib.zeros(3).clone(memory_format=lib.channels_last_3d))
    same_refusal(lambda lib: lib.zeros(3).mT)
    same_refusal(lambda lib: lib.tensor(1.0).roll(1, 0))


def test_windows_of_a_number() -> None:
    assert knoll.tensor(3.0).unfold(0, 1, 1).tolist() == [3]
    assert knoll.tensor(3.0).unfold(0, 0, 1).shape == (0,)
