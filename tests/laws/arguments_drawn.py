"""Random calls of everything public: what is called, what it is given, and what may come of it."""

from __future__ import annotations

import contextlib
import enum
import importlib
import inspect
import io
import itertools
import operator
import random
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, is_typeddict

import numpy as np
from table import CASES

import knoll
from knoll import nn
from knoll.errors import KnollError
from knoll.optim import Optimizer
from knoll.vision import transforms
from knoll.vision.transforms import v2

Draw = Callable[[random.Random], Any]

MODULES = (
    "knoll", "knoll.autograd", "knoll.distributions",
    "knoll.nn", "knoll.nn.functional", "knoll.nn.init", "knoll.nn.utils", "knoll.optim",
    "knoll.optim.lr_scheduler", "knoll.data", "knoll.vision.transforms", "knoll.vision.transforms.functional",
    "knoll.vision.transforms.v2", "knoll.vision.transforms.v2.functional",
    "knoll.vision.tv_tensors", "knoll.vision.models", "knoll.vision.datasets", "knoll.interop", "knoll.testing",
)  # fmt: skip
OPERATORS = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "eq", "ne", "lt", "le",
    "gt", "ge", "iadd", "isub", "imul", "itruediv", "getitem", "setitem", "contains", "index",
)  # fmt: skip
# What changes the process, fetches data, or takes seconds because it draws hundreds of millions of numbers.
LEFT_OUT = {
    "knoll.vision.datasets.LabelledImages",  # a base without images
    "knoll.data.fast_path", "knoll.data.replaces",  # for those who write data sets
    "knoll.set_num_threads", "knoll.set_language", "knoll.manual_seed", "knoll.vision.datasets.fetch",
    *(f"knoll.vision.models.{name}" for name in ("vgg11", "vgg11_bn", "vgg16", "vgg16_bn", "VGG")),
    *(f"knoll.vision.models.{name}" for name in ("convnext_base", "convnext_large", "efficientnet_v2_l")),
    *(f"knoll.vision.models.regnet_{name}gf" for name in ("x_32", "y_16", "y_32", "y_128")),
}  # fmt: skip
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
TRANSFORMS = (
    transforms.ToTensor(), transforms.PILToTensor(), transforms.Normalize([0.5], [0.5]), transforms.Resize(2),
    transforms.CenterCrop(2), transforms.RandomCrop(2), transforms.RandomHorizontalFlip(),
    transforms.Compose([transforms.ToTensor()]), v2.ToImage(), v2.ToDtype(knoll.float32, scale=True),
    v2.MixUp(num_classes=3), v2.CutMix(num_classes=3), v2.RandomZoomOut(p=1), v2.RandomPhotometricDistort(p=1),
    v2.GaussianNoise(), v2.JPEG(50), v2.RGB(), v2.RandomChannelPermutation(), v2.RandomResize(2, 4),
    v2.RandomShortestSize(3, 5), v2.ScaleJitter((3, 4)), v2.RandomAffine(9), v2.RandomErasing(1),
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """Something public that can be called; `make` gives it anew, as a call may change what it belongs to."""

    name: str
    make: Callable[[random.Random], Callable[..., Any]]


def targets() -> list[Target]:
    """All of them, in the same order every time."""
    found = {target.name: target for module in MODULES for target in _of_module(importlib.import_module(module))}
    found |= {target.name: target for target in _methods()}
    for made in (*TRANSFORMS, *CASES):
        name = f"call of {made if made in CASES else type(made).__name__}"
        build = made.build if made in CASES else lambda made=made: made
        found[name] = Target(name, lambda _, build=build: build())
    return [found[name] for name in sorted(found)]


def _of_module(module: ModuleType) -> Iterator[Target]:
    listed = getattr(module, "__all__", None)
    for name in listed or [n for n in dir(module) if not n.startswith("_")]:
        thing, full = getattr(module, name), f"{module.__name__}.{name}"
        home = str(getattr(thing, "__module__", ""))
        known = home.startswith("knoll") and (listed is not None or home == module.__name__)
        plain = isinstance(thing, (np.dtype, enum.EnumType)) or is_typeddict(thing)  # Python's dict, when called
        if callable(thing) and known and full not in LEFT_OUT and not plain:
            yield Target(full, lambda _, thing=thing: thing)


def _methods() -> Iterator[Target]:
    owners: list[tuple[str, type, Draw]] = [
        ("Tensor", knoll.Tensor, a_tensor), ("Module", nn.Module, a_module), ("Optimizer", Optimizer, an_optimizer),
        *((kind.__name__, kind, lambda _, kind=kind: kind()) for kind in CONTAINERS),
    ]  # fmt: skip
    for owner, kind, draw in owners:
        for name in dir(kind):
            inherited = kind in CONTAINERS and hasattr(nn.Module, name)
            if name.startswith("_") or inherited or not callable(getattr(kind, name)) or name in ("update", "check"):
                continue
            yield Target(f"{owner}.{name}", lambda r, draw=draw, name=name: getattr(draw(r), name))
    for name in OPERATORS:
        function = getattr(operator, name)
        yield Target(f"operator.{name}", lambda r, f=function: lambda *others: f(a_tensor(r), *others))


# What is given


def a_tensor(r: random.Random) -> knoll.Tensor:
    """A small tensor of any element type."""
    shape = r.choice([(), (0,), (3,), (2, 3), (1, 2, 3), (1, 3, 4, 4), (2, 0)])
    dtype = r.choice(["float32", "float64", "float16", "int64", "int32", "uint8", "bool"])
    x = knoll.tensor(np.random.default_rng(r.randrange(99)).standard_normal(shape) * 3).to(np.dtype(dtype))
    return x.requires_grad_() if x.is_floating_point() and r.random() < 0.3 else x


def a_module(r: random.Random) -> nn.Module:
    """A small network."""
    made: list[Callable[[], nn.Module]] = [
        lambda: nn.Linear(3, 2), nn.ReLU, lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(3)),
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.BatchNorm2d(2)),
    ]  # fmt: skip
    return r.choice(made)()


def an_optimizer(r: random.Random) -> Optimizer:
    """An optimiser of two parameters."""
    return r.choice([knoll.optim.SGD, knoll.optim.Adam, knoll.optim.AdamW])(nn.Linear(2, 2).parameters(), lr=0.1)


def an_array(r: random.Random) -> Any:
    """An array of any element type, also those that no tensor has."""
    types = [
        "float32", "float64", "float16", "int64", "int8", "uint8", "uint32", "bool", "complex64", "object", "<U3",
        ">f4", "datetime64[s]", "S2",
    ]  # fmt: skip
    dtype = r.choice(types)
    made = np.ones(r.choice([(), (0,), (2,), (2, 3), (1, 3, 4, 4)]), ">f4" if dtype == ">f4" else None)
    made = made if dtype == ">f4" else made.astype("int64" if dtype.startswith("datetime") else dtype).astype(dtype)
    made.flags.writeable = r.random() < 0.8
    return made


def a_number(r: random.Random) -> Any:
    """A number of any size and kind."""
    return r.choice([
        0, 1, 2, 3, -1, -2, 7, 2**63, -(2**63) - 1, 2**70, 0.5, -0.5, 1.0, 2.0, 1e-3, 1e308, float("nan"),
        float("inf"), -float("inf"), 1j, True, False, np.int64(1), np.float32(0.5), np.bool_(True), np.complex64(1),
        np.uint8(3), np.str_("a"),
    ])  # fmt: skip


def a_size(r: random.Random) -> Any:
    """One or more whole numbers, mostly."""
    return r.choice([
        1, 2, 3, (2, 2), [1, 2], (1,), (), (2, 3, 1), (1, 1, 1, 1), (-1, 2), (0, 2), (1.5, 2), ("a", 1), (None, 2),
    ])  # fmt: skip


def a_thing(r: random.Random) -> Any:
    """What is no number."""
    made: list[Callable[[], Any]] = [
        *(lambda thing=thing: thing for thing in (
            None, "", "a", "mean", "fro", "weight", "float64", "cpu", "cuda", "\ud800", b"x", (), ..., slice(None),
            range(3), object, int, float, nn.ReLU, np.dtype("float32"), Path("nowhere"), warnings, NotImplemented,
        )),
        list, dict, object, lambda: {"a": 1}, lambda: {"weight": knoll.ones(2, 3)}, lambda: {1, 2},
        lambda: [1, [2, 3]], lambda: ["a"], lambda: [None], lambda: [0.5, 1.5], lambda: lambda x: x,
        lambda: (x for x in [1, 2]), lambda: iter([knoll.ones(2)]), lambda: a_module(r), lambda: an_optimizer(r),
        lambda: nn.Linear(2, 2).parameters(), lambda: io.BytesIO(b"abc"), lambda: np.random.default_rng(0),
        lambda: [a_tensor(r), a_tensor(r)], lambda: (knoll.ones(2), knoll.ones(3)),
        lambda: nn.Parameter(knoll.ones(2)), lambda: a_module(r).state_dict(), lambda: a_data_set(r),
    ]  # fmt: skip
    return r.choice(made)()


def a_data_set(_: random.Random) -> Any:
    """Three samples."""
    return knoll.data.TensorDataset(knoll.ones(3, 2))


def anything(r: random.Random) -> Any:
    """An argument of any kind."""
    return r.choice([a_tensor, a_tensor, an_array, a_number, a_number, a_size, a_thing, a_thing])(r)


# What an argument of this name is meant to be.
TENSORS = ("input", "x", "self", "other", "target", "tensor", "weight", "a", "b", "index", "mask", "condition")
SIZES = (
    "size", "shape", "kernel_size", "output_size", "stride", "padding", "in_channels", "out_channels", "in_features",
    "out_features", "num_features",
)  # fmt: skip
MEANT: dict[str, Draw] = {
    **dict.fromkeys(TENSORS, a_tensor), **dict.fromkeys(SIZES, a_size),
    **dict.fromkeys(("dim", "dim0", "dim1", "start_dim", "end_dim"), lambda r: r.choice([0, 1, -1, None, 2, (0, 1)])),
    **dict.fromkeys(("keepdim", "inplace", "bias", "ceil_mode", "training"), lambda r: r.random() < 0.5),
    **dict.fromkeys(("params", "parameters"), lambda r: list(a_module(r).parameters())),
    **dict.fromkeys(("module", "model"), a_module),
    "tensors": lambda r: [a_tensor(r) for _ in range(r.randrange(3))], "optimizer": an_optimizer,
    "dataset": a_data_set,
}  # fmt: skip


def arguments(function: Callable[..., Any], r: random.Random) -> tuple[list[Any], dict[str, Any]]:
    """Random arguments that fit the signature; some, many or all of them are of any kind."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return [anything(r) for _ in range(r.randrange(3))], {}
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    wild, by_name = r.choice([0.15, 0.4, 1.0]), False
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            args += [anything(r) for _ in range(r.randrange(4))] if not by_name else []
        elif p.kind is not p.VAR_KEYWORD:
            if p.default is not p.empty and r.random() < 0.6:
                by_name = True
                continue
            value = anything(r) if r.random() < wild or p.name not in MEANT else MEANT[p.name](r)
            if p.kind is p.KEYWORD_ONLY or by_name:
                kwargs[p.name] = value
            else:
                args.append(value)
    return args, kwargs


# What may come of it


def call(target: Target, seed: str) -> str:
    """Nothing if the call gives a result or a clear error, else what came from inside, and from where."""
    r = random.Random(seed)  # noqa: S311 (the same numbers every time are what is wanted)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        function = target.make(r)
        args, kwargs = arguments(function, r)
        try:
            _look_at(function(*args, **kwargs))
        except KnollError as error:
            return "" if str(error).strip() else f"{type(error).__name__} without a sentence"
        except Exception as error:  # noqa: BLE001 (whatever comes is judged)
            return "" if is_pythons_own(error, target.name) else _described(error)
    return ""


def _look_at(result: Any) -> None:
    """What somebody does with a result."""
    if isinstance(result, Iterator):
        list(itertools.islice(result, 3))
    elif isinstance(result, knoll.data.DataLoader):
        list(itertools.islice(iter(result), 2))
    repr(result)


def _files(error: BaseException) -> Iterator[tuple[str, int]]:
    """Where the error passed, from the call to its origin."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _inside(error: BaseException) -> bool:
    """Whether a function of the library had begun."""
    return any("/knoll/" in file for file, _ in _files(error))


def is_pythons_own(error: Exception, called: str) -> bool:
    """Whether it is what Python, or every list and dictionary, says: no function of the library has begun.

    - TypeError about a signature, or about operands that no operator takes;
    - KeyError and IndexError of containers;
    - NotImplementedError of a method that subclasses are to give.
    """
    owner = called.partition(".")[0]
    unhashable = re.search("unhashable|not iterable", str(error)) is not None
    if isinstance(error, (KeyError, IndexError)) or (isinstance(error, TypeError) and unhashable):
        return owner in {"Module", *(kind.__name__ for kind in CONTAINERS)}
    if type(error) is NotImplementedError:
        return not str(error)
    if not isinstance(error, TypeError):
        return False
    return not _inside(error) or re.search(r"forward\(\) (takes|missing|got)", str(error)) is not None


def _described(error: Exception) -> str:
    places = list(_files(error))
    file, line = [place for place in places if "/knoll/" in place[0]][-1] if _inside(error) else places[-1]
    return f"{type(error).__name__}: {str(error)[:90]!r} at {file.rpartition('/src/')[2]}:{line}"
