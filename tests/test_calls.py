"""Calls that Python refuses: PyTorch's sentence, and how a right call looks."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.calls import advised, plain
from knoll.errors import ArgumentTypeError

F = nn.functional
X = knoll.zeros(1, 1, 2, 2)

# The call, PyTorch's sentence, what is expected, what is advised
CALLS: dict[str, tuple[Callable[[Any], Any], str, str, str | None]] = {
    "a function": (
        lambda lib: lib.nn.functional.linear(lib.zeros(2)),
        'linear() missing 1 required positional arguments: "weight"',
        "linear(input, weight, bias=None)",
        None,
    ),
    "a function in Python": (
        lambda lib: lib.nn.functional.cross_entropy(lib.zeros(2)),
        "cross_entropy() missing 1 required positional argument: 'target'",
        "cross_entropy(input, target, weight=None",
        None,
    ),
    "an optimiser": (
        lambda lib: lib.optim.SGD(),
        "SGD.__init__() missing 1 required positional argument: 'params'",
        "SGD(params, lr=0.001, momentum=0",
        None,
    ),
    "a rate under another name": (
        lambda lib: lib.optim.Adam([lib.zeros(1)], learning_rate=0.1),
        "Adam.__init__() got an unexpected keyword argument 'learning_rate'",
        "Adam(params, lr=0.001, betas=(0.9, 0.999)",
        "lr=",
    ),
    "a schedule": (
        lambda lib: lib.optim.lr_scheduler.StepLR(),
        "StepLR.__init__() missing 2 required positional arguments: 'optimizer' and 'step_size'",
        "StepLR(optimizer, step_size, gamma=0.1",
        None,
    ),
    "a loader": (
        lambda lib: lib.utils.data.DataLoader(batchsize=4, dataset=[]),
        "DataLoader.__init__() got an unexpected keyword argument 'batchsize'",
        "DataLoader(dataset, batch_size=1",
        "batch_size=",
    ),
    "an initialisation": (
        lambda lib: lib.nn.init.constant_(),
        "constant_() missing 2 required positional arguments: 'tensor' and 'val'",
        "constant_(tensor, val)",
        None,
    ),
    "a function of tensors": (
        lambda lib: lib.outer(),
        'outer() missing 2 required positional argument: "input", "vec2"',
        "outer(input, vec2, *, out=None)",
        None,
    ),
    "one argument": (
        lambda lib: lib.relu(),
        'relu() missing 1 required positional arguments: "input"',
        "relu(input)",
        None,
    ),
    "too many": (
        lambda lib: lib.abs(lib.zeros(2), 1),
        "abs() takes 1 positional argument but 2 were given",
        "abs(input, *, out=None)",
        None,
    ),
    "misspelt": (
        lambda lib: lib.argmax(lib.zeros(2), dims=0),
        "argmax() got an unexpected keyword argument 'dims'",
        "argmax(input, dim=None, keepdim=False",
        "dim=",
    ),
    "a method": (
        lambda lib: lib.zeros(2).mm(),
        'mm() missing 1 required positional arguments: "mat2"',
        "mm(input, mat2",
        None,
    ),
    "a distribution": (
        lambda lib: lib.distributions.Normal(0.0),
        "Normal.__init__() missing 1 required positional argument: 'scale'",
        "Normal(loc, scale, validate_args=None)",
        None,
    ),
    "gradients": (
        lambda lib: lib.autograd.grad(),
        "grad() missing 2 required positional arguments: 'outputs' and 'inputs'",
        "grad(outputs, inputs, grad_outputs=None",
        None,
    ),
    "clipping": (
        lambda lib: lib.nn.utils.clip_grad_norm_([]),
        "clip_grad_norm_() missing 1 required positional argument: 'max_norm'",
        "clip_grad_norm_(parameters, max_norm",
        None,
    ),
    "a file": (
        lambda lib: lib.load(),
        "load() missing 1 required positional argument: 'f'",
        "load(f",
        None,
    ),
}


@pytest.mark.parametrize("case", CALLS)
def test_refused_calls_say_how_a_right_one_looks(case: str) -> None:
    call, reason, expected, advice = CALLS[case]
    with pytest.raises(ArgumentTypeError) as told:
        call(knoll)
    assert told.value.reason == reason
    assert (told.value.expected or "").startswith(expected)
    assert told.value.advice == advice


@pytest.mark.pytorch
@pytest.mark.parametrize("case", CALLS)
def test_the_sentence_is_pytorchs(case: str, torch: Any) -> None:
    call, reason, *_ = CALLS[case]
    with pytest.raises(TypeError) as theirs:
        call(torch)
    assert str(theirs.value).partition("\n")[0] == reason


def test_a_function_in_several_forms() -> None:
    """Of which PyTorch says another sentence, and lists all forms."""
    with pytest.raises(ArgumentTypeError, match=r"missing 1 required positional argument: 'weight'") as told:
        F.conv2d(X)
    assert (told.value.expected or "").startswith("conv2d(input, weight, bias=None, stride=1")
    with pytest.raises(ArgumentTypeError, match="unexpected keyword argument 'strides'") as told:
        F.conv2d(X, X, strides=2)
    assert told.value.advice == "stride="


def test_layers_that_share_their_arguments_have_their_own_names() -> None:
    for kind in (nn.BatchNorm1d, nn.BatchNorm2d, nn.MaxPool2d, nn.ZeroPad2d, nn.LPPool1d):
        with pytest.raises(ArgumentTypeError) as told:
            kind()
        assert told.value.reason.startswith(f"{kind.__name__}.__init__() missing")
        assert (told.value.expected or "").startswith(f"{kind.__name__}(")


def test_errors_inside_stay_what_they_are() -> None:
    @advised
    def fails(x: Any) -> Any:
        return len(x)

    with pytest.raises(TypeError, match="has no len") as told:
        fails(3)
    assert type(told.value) is TypeError

    @advised
    def calls_wrongly() -> Any:
        return plain(F.relu)()

    with pytest.raises(TypeError, match="missing 1 required") as told:
        calls_wrongly()
    assert type(told.value) is TypeError


def test_functions_and_classes_keep_what_they_are() -> None:
    assert pickle.loads(pickle.dumps(F.conv2d)) is F.conv2d
    assert F.conv2d.__module__ == "knoll.nn.functional.conv"
    assert list(inspect.signature(F.conv2d).parameters)[:2] == ["input", "weight"]
    assert list(inspect.signature(nn.Conv2d).parameters)[:2] == ["in_channels", "out_channels"]
    assert list(inspect.signature(knoll.mm).parameters) == ["x", "mat2", "out"]
    layer = nn.BatchNorm2d(3)
    assert repr(copy.deepcopy(layer)) == repr(pickle.loads(pickle.dumps(layer))) == repr(layer)


def test_a_class_of_ones_own_says_what_its_base_is_made_of() -> None:
    class Own(nn.Linear):
        def __init__(self) -> None:
            super().__init__(3)

    with pytest.raises(ArgumentTypeError, match=r"^Linear.__init__\(\) missing 1 required positional argument"):
        Own()
