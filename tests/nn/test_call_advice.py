"""Arguments that Python refuses: its own sentence, and those that there are."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import Tensor, nn
from knoll.errors import ArgumentTypeError


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.loss = nn.Linear(4, 2), nn.MSELoss()

    def forward(self, x: Tensor) -> Any:
        return self.loss(self.body(x))


MADE: dict[str, tuple[Callable[[Any], Any], str, str | None]] = {
    "nothing": (lambda n: n.Conv2d(), "Conv2d(in_channels, out_channels, kernel_size, stride=1", None),
    "one missing": (lambda n: n.Conv2d(3, 6), "Conv2d(in_channels, out_channels, kernel_size, stride=1", None),
    "missing behind a keyword": (
        lambda n: n.Conv2d(3, 6, stride=2),
        "Conv2d(in_channels, out_channels, kernel_size",
        None,
    ),
    "misspelt": (lambda n: n.Conv2d(3, 6, 3, strides=2), "Conv2d(in_channels", "stride="),
    "like no other": (lambda n: n.Linear(3, 6, qqq=2), "Linear(in_features, out_features, bias=True", None),
    "too many": (lambda n: n.Softmax(1, 2, 3), "Softmax(dim=None)", None),
}


@pytest.mark.parametrize("case", MADE)
@pytest.mark.pytorch
def test_what_a_layer_is_made_of_is_said_behind_pythons_sentence(case: str, torch: Any) -> None:
    make, expected, advice = MADE[case]
    with pytest.raises(TypeError) as theirs:
        make(torch.nn)
    with pytest.raises(ArgumentTypeError) as ours:
        make(nn)
    assert ours.value.reason == str(theirs.value)
    assert (ours.value.expected or "").startswith(expected)
    assert ours.value.advice == advice


def test_what_a_layer_is_called_with() -> None:
    with pytest.raises(ArgumentTypeError, match="missing 1 required positional argument: 'target'") as told:
        Net()(knoll.zeros(3, 4))
    assert (told.value.where, told.value.expected) == ("loss MSELoss()", "forward(input, target)")
    with pytest.raises(ArgumentTypeError, match="missing 1 required") as told:
        nn.ReLU()()
    assert told.value.expected == "forward(input)"


def test_classes_of_the_users_own_and_copies_are_left_alone() -> None:
    class Own(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.width = width

        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return x + y

    for call in (Own, lambda: Own(1, 2), lambda: Own(1)(knoll.zeros(2))):
        with pytest.raises(TypeError, match="Own") as told:
            call()
        assert type(told.value) is TypeError
    layer = nn.Conv2d(3, 6, 3)
    assert repr(copy.deepcopy(layer)) == repr(pickle.loads(pickle.dumps(layer))) == repr(layer)
