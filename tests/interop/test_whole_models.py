"""Whole models in files: they come back as they were where their classes are there and allowed."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import subprocess
import sys
import textwrap
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from table import CASES, Case

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, DataError, MissingAttributeError, UnsafeFileError
from knoll.interop import read_weights, safetensors_file
from knoll.interop.weights import MODEL
from knoll.nn import functional as F
from knoll.serialization import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from knoll.vision.models import get_model

pytestmark = pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")


def again(value: Any, **options: Any) -> Any:
    """What comes back from a file."""
    file = io.BytesIO()
    knoll.save(value, file)
    file.seek(0)
    return knoll.load(file, **{"weights_only": False, **options})


def same_state(one: nn.Module, other: nn.Module) -> None:
    mine, theirs = one.state_dict(), other.state_dict()
    assert list(mine) == list(theirs)
    for name, tensor in mine.items():
        np.testing.assert_array_equal(tensor.numpy(), theirs[name].numpy())
    wants = [[p.requires_grad for p in net.parameters()] for net in (one, other)]
    assert wants[0] == wants[1]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_layer_comes_back(case: Case) -> None:
    for training in (True, False):
        layer = case.build("float32").train(training)
        found = again(layer)
        assert type(found) is type(layer)
        assert repr(found) == repr(layer)
        assert [m.training for m in found.modules()] == [m.training for m in layer.modules()]
        assert {k: v for k, v in vars(found).items() if not k.startswith("_")} == {
            k: v for k, v in vars(layer).items() if not k.startswith("_")
        }
        same_state(layer, found)
        kinds = [[{name: type(part) for name, part in vars(m).items()} for m in n.modules()] for n in (layer, found)]
        assert kinds[0] == kinds[1]
        inputs = [knoll.tensor(array) for array in case.arrays("float32")]
        results = []
        for net in (layer, found):
            knoll.manual_seed(0)
            result = net(*copy.deepcopy(inputs))
            results.append(result if isinstance(result, tuple) else (result,))
        for mine, other in zip(*results, strict=True):
            np.testing.assert_array_equal(mine.detach().numpy(), other.detach().numpy())


@pytest.mark.parametrize("layer", [nn.LazyLinear(3), nn.LazyConv2d(2, 3), nn.LazyBatchNorm2d()], ids=repr)
def test_layers_that_wait_for_their_input(layer: nn.Module) -> None:
    found = again(nn.Sequential(layer))
    assert repr(found[0]) == repr(layer)
    x = knoll.rand(2, 4, 5, 6)
    assert found(x).shape == copy.deepcopy(layer)(x).shape
    assert type(found[0]).__name__ == type(layer).__name__.removeprefix("Lazy")


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "lenet", "practice", "segnet_vgg11", "unet", "vgg11_bn"])
def test_models_of_the_library(name: str) -> None:
    net = get_model(name)
    found = again(net.eval())
    assert repr(found) == repr(net)
    same_state(net, found)


class Block(nn.Module):
    """A module with arguments, plain attributes, a function, a shared layer and a buffer of its own."""

    def __init__(self, width: int, act: Any = F.relu, *, names: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.width, self.act, self.names = width, act, names
        self.first = nn.Linear(width, width)
        self.second = self.first
        self.norm = nn.LayerNorm
        self.tables = {"a": [1, 2.5, None, True], 3: {"x", "y"}, (1, 2): frozenset({4})}
        self.dtype = knoll.float64
        self.seen = knoll.ones(2)
        self.array = np.arange(3, dtype=np.int16)
        self.number = np.float32(0.1)
        self.far = float("inf")
        self.register_buffer("kept", knoll.zeros(2), persistent=False)
        self.extra = nn.Parameter(knoll.ones(1), requires_grad=False)
        self.missing = None
        self.layers: list[nn.Module] = [self.first]
        self.parent = {"net": self}

    def forward(self, x: Any) -> Any:
        return self.act(self.second(x)) * self.extra + self.seen.sum()


class Wider(Block):
    """A subclass."""

    def __init__(self) -> None:
        super().__init__(3, F.tanh, names=("n",))
        self.head = nn.Sequential(OrderedDict(a=nn.Linear(3, 2), b=nn.ReLU()))


class WithState(nn.Module):
    """A class that says itself what is saved."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(1, 1)
        self.cache = object()

    def forward(self, x: Any) -> Any:
        return self.line(x)

    def __getstate__(self) -> Any:
        return {**self.__dict__, "cache": None}

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state)
        self.cache = "made again"


class Outer:
    """A class with a class in it."""

    class Inner(nn.Linear):
        """A layer of its own name."""


def test_own_classes_come_back_with_all_they_hold() -> None:
    net = Wider()
    net.first.weight.requires_grad_(False)
    found = again(net)
    assert type(found) is Wider
    assert found.second is found.first is found.layers[0]
    assert found.parent["net"] is found
    assert (found.width, found.act, found.names, found.norm) == (3, F.tanh, ("n",), nn.LayerNorm)
    assert found.tables == net.tables
    assert (found.dtype, found.far, found.missing) == (knoll.float64, float("inf"), None)
    assert (type(found.number), found.array.dtype) == (np.float32, np.int16)
    assert type(found.head) is nn.Sequential
    assert list(found.head._modules) == ["a", "b"]
    assert "kept" not in found.state_dict()
    assert found.kept.tolist() == [0, 0]
    same_state(net, found)
    x = knoll.rand(2, 3)
    np.testing.assert_array_equal(net(x).detach(), found(x).detach())
    found(x).sum().backward()
    assert found.first.bias.grad is not None
    assert type(again(Outer.Inner(2, 2))) is Outer.Inner
    other = again(WithState())
    assert other.cache == "made again"
    assert other(knoll.ones(1, 1)).shape == (1, 1)
    assert {name: type(part) for name, part in vars(other).items()} | {"cache": object} == {
        name: type(part) for name, part in vars(WithState()).items()
    }


def test_what_was_changed_after_the_model_was_made_comes_back() -> None:
    net = get_model("resnet18")
    net.fc = nn.Linear(512, 3)
    net.fc.weight = net.fc.weight
    for parameter in net.layer1.parameters():
        parameter.requires_grad = False
    found = again(net.eval())
    assert found.fc.out_features == 3
    same_state(net, found)


def test_models_beside_other_values() -> None:
    net = nn.Linear(2, 2)
    found = again({"epoch": 3, "nets": [net, net], "state": net.state_dict(), "best": 0.5})
    assert (found["epoch"], found["best"]) == (3, 0.5)
    assert found["nets"][0] is found["nets"][1]
    assert found["state"]._metadata == net.state_dict()._metadata
    same_state(net, found["nets"][0])


def test_the_weights_have_the_names_of_the_state_dict(tmp_path: Path) -> None:
    net = Wider()
    knoll.save(net, tmp_path / "net.pth")
    assert set(net.state_dict()) <= {*safetensors_file.load(tmp_path / "net.pth")[0], "second.weight", "second.bias"}
    weights = read_weights(tmp_path / "net.pth")
    assert list(weights) == list(net.state_dict())
    other = Wider()
    other.load_state_dict(weights)
    same_state(net, other)


def test_a_model_is_not_made_unless_its_classes_are_allowed(torch: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), path)
    with pytest.raises(pickle.UnpicklingError) as theirs:
        torch.load(path)
    knoll.save(nn.Sequential(nn.Linear(2, 2), Outer.Inner(1, 1)), path)
    for options in ({}, {"weights_only": True}, {"weights_only": None}):
        with pytest.raises(pickle.UnpicklingError) as ours:
            knoll.load(path, **options)
        assert isinstance(ours.value, UnsafeFileError)
    for words in (
        "Weights only load failed. This file can still be loaded",
        "only if you trust the source of the checkpoint",
    ):
        assert words in str(ours.value)
        assert words in str(theirs.value)
    assert f"knoll.load('{path}', weights_only=False)" in str(ours.value)
    assert f"got: knoll.nn.Linear, knoll.nn.Sequential, {__name__}.Outer.Inner" in str(ours.value)
    with safe_globals([nn.Linear, nn.Sequential]), pytest.raises(UnsafeFileError, match="Inner") as caught:
        knoll.load(path)
    assert "knoll.nn.Linear" not in str(caught.value.got)
    with safe_globals([nn.Linear, nn.Sequential, Outer.Inner]):
        assert type(knoll.load(path)[1]) is Outer.Inner
    assert get_safe_globals() == []
    add_safe_globals([nn.Linear, nn.Sequential, Outer.Inner])
    try:
        assert knoll.load(path, weights_only=True)[0].in_features == 2
    finally:
        clear_safe_globals()
    with pytest.raises(TypeError, match="can be allowed"):
        add_safe_globals([3])


@pytest.mark.parametrize(("language", "words"), [("en", "define or import"), ("zh", "请先在本程序中定义或导入")])
def test_a_class_that_is_gone(language: str, words: str, tmp_path: Path) -> None:
    knoll.set_language(language)
    path = tmp_path / "net.pth"
    program = f"""
        import knoll
        from knoll import nn
        class Tudui(nn.Module):
            def __init__(self):
                super().__init__()
                self.line = nn.Linear(1, 1)
        knoll.save(Tudui(), {str(path)!r})
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)
    with pytest.raises(AttributeError) as caught:
        knoll.load(path, weights_only=False)
    assert str(caught.value).startswith("Can't get attribute 'Tudui' on <module '__main__'")
    assert words in str(caught.value)
    assert set(read_weights(path)) == {"line.weight", "line.bias"}
    program = program.replace("knoll.save(Tudui(), ", "print(knoll.load(").replace("')", "', weights_only=False))")
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("Tudui(\n  (line): Linear(")


def changed(path: Path, change: Any) -> Path:
    """The file with another text."""
    arrays, metadata = safetensors_file.load(path)
    text = json.loads(metadata[MODEL])
    text = change(text) or text
    safetensors_file.save(path, arrays, {MODEL: text if isinstance(text, str) else json.dumps(text)})
    return path


def attributes(text: Any) -> Any:
    return text["value"]["module"][2]["dict"]


HOSTILE: dict[str, Any] = {
    "no JSON": lambda _: "{",
    "no value": lambda _: "{}",
    "a list": lambda _: "[]",
    "nested": lambda _: '{"weights": {}, "value": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "of no kind": lambda text: text.update(value={"call": ["os", "system"]}),
    "two kinds": lambda text: text.update(value={"module": [], "again": 0}),
    "never seen": lambda text: text.update(value={"again": 7}),
    "unhashable": lambda text: text.update(value={"again": []}),
    "too few": lambda text: text["value"]["module"].pop(),
    "no array": lambda text: text.update(value={"array": "none"}),
    "no type": lambda text: text.update(value={"number": ["system", 1]}),
    "endless key": lambda text: text.update(value={"dict": [[1 << 80, 0]]}),
    "no modules": lambda text: attributes(text).append(["_modules", [1]]),
    "a number as module": lambda text: attributes(text).append(["_modules", {"dict": [["a", 3]]}]),
    "a number as parameter": lambda text: attributes(text).append(["_parameters", {"dict": [["a", 3]]}]),
    "a number as name": lambda text: attributes(text).append([3, 3]),
    "hooks": lambda text: attributes(text).append(["_forward_hooks", {"dict": [[0, 3]]}]),
    "no mode": lambda text: attributes(text).append(["training", "yes"]),
    "attributes": lambda text: text["value"]["module"].__setitem__(2, 3),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("weights_only", [True, False])
def test_hostile_texts(name: str, weights_only: bool, tmp_path: Path) -> None:
    knoll.save(nn.Linear(2, 2), tmp_path / "net")
    with safe_globals([nn.Linear]), pytest.raises(DataError, match="nothing sensible"):
        knoll.load(changed(tmp_path / "net", HOSTILE[name]), weights_only=weights_only)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("os:system", "os.system is not a class of modules"), ("builtins:eval", "is not a class of modules"),
        ("collections:OrderedDict", "is not a class of modules"), ("knoll.nn:functional", "is not a class of modules"),
        ("os", "is not a class of modules"), ("os:path.__class__.x y", "not a class"), ("../evil:x", "not a class"),
        ("knoll.nn:Nothing", "Can't get attribute 'Nothing'"), ("nowhere.at_all:Net", "No module named 'nowhere'"),
    ],
)  # fmt: skip
def test_classes_that_are_none(path: str, words: str, tmp_path: Path) -> None:
    knoll.save(nn.Linear(2, 2), tmp_path / "net")
    file = changed(tmp_path / "net", lambda text: text["value"]["module"].__setitem__(1, path))
    with pytest.raises((DataError, MissingAttributeError), match=words):
        knoll.load(file, weights_only=False)
    with pytest.raises(UnsafeFileError, match="Weights only load failed"):
        knoll.load(file)


def test_nothing_is_imported_for_a_file_that_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil_module_of_a_test.py").write_text("raise SystemExit('ran')")
    monkeypatch.syspath_prepend(tmp_path)
    knoll.save(nn.Linear(2, 2), tmp_path / "net")
    file = changed(tmp_path / "net", lambda text: text["value"]["module"].__setitem__(1, "evil_module_of_a_test:Net"))
    with safe_globals([nn.Linear]), pytest.raises(UnsafeFileError, match="evil_module_of_a_test"):
        knoll.load(file)

    def with_attribute(text: Any) -> None:
        text["value"]["module"][1] = "knoll.nn:Linear"
        attributes(text).append(["act", {"global": "evil_module_of_a_test:x"}])

    changed(file, with_attribute)
    with safe_globals([nn.Linear]), pytest.raises(UnsafeFileError, match="evil_module_of_a_test"):
        knoll.load(file)
    assert set(read_weights(file)) == {"weight", "bias"}
    assert "evil_module_of_a_test" not in sys.modules


class Holding(nn.Module):
    """A module with one attribute."""

    def __init__(self, held: Any) -> None:
        super().__init__()
        self.held = held


class Reduced(nn.Module):
    """A class that pickle would make by a function."""

    def __reduce__(self) -> Any:
        return (print, ("called",))


def sgd() -> Any:
    return knoll.optim.SGD(nn.Linear(1, 1).parameters())


REFUSED: dict[str, tuple[Any, str]] = {
    "a lambda": (lambda: Holding(lambda x: x), "Holding.held is of the type function"),
    "an object": (lambda: nn.Sequential(Holding([1, object()])), "Sequential.0.held.1 is of the type object"),
    "bytes": (lambda: Holding(b"x"), "Holding.held is of the type bytes"),
    "a generator": (lambda: Holding(np.random.default_rng()), "is of the type Generator"),
    "texts": (lambda: Holding(np.array(["a"])), "is of the type ndarray"),
    "a long number": (lambda: Holding(1 << 20_000), "is of the type int"),
    "an optimiser": (
        lambda: {"net": nn.Linear(1, 1), "optim": sgd()},
        "optim is of",
    ),
    "a key": (lambda: Holding({frozenset(): 1}), "is of the type frozenset"),
    "a function that was made": (lambda: Reduced(), f"The class {__name__}.Reduced cannot be imported"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_saved(name: str, tmp_path: Path) -> None:
    make, words = REFUSED[name]
    (tmp_path / "net").write_bytes(b"before")
    with pytest.raises(ArgumentTypeError) as caught:
        knoll.save(make(), tmp_path / "net")
    assert words in str(caught.value)
    assert "state_dict" in str(caught.value)
    assert (tmp_path / "net").read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["net"]


def test_a_class_inside_a_function_and_hooks_are_refused(tmp_path: Path) -> None:
    class Local(nn.Module):
        pass

    with pytest.raises(ArgumentTypeError, match="define Local at the top level of a file"):
        knoll.save(Local(), tmp_path / "net")
    layer = nn.Linear(1, 1)
    layer.register_forward_hook(lambda *_: None)
    with pytest.raises(ArgumentTypeError, match=r"_forward_hooks.* is of the type function"):
        knoll.save(layer, tmp_path / "net")
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ArgumentError, match="nested too deeply"):
        knoll.save(Holding(deep), tmp_path / "net")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_a_save_that_is_killed_leaves_the_old_model(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    knoll.save(nn.Linear(2, 2), path)
    before = path.read_bytes()
    program = f"""
        import os, signal, knoll
        from knoll import nn
        replace = os.replace
        os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)
        knoll.save(nn.Linear(300, 300), {str(path)!r})
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, env=os.environ)
    assert done.returncode == -9
    assert path.read_bytes() == before
    assert knoll.load(path, weights_only=False).in_features == 2


def test_files_that_were_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "net"
    knoll.save(nn.Linear(2, 2), path)
    whole = path.read_bytes()
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match="net"):
            knoll.load(path, weights_only=False)


SAVE = """
import knoll as torch
import knoll.vision as torchvision
from knoll import nn

resnet18 = torchvision.models.resnet18(pretrained=False)
torch.save(resnet18, "resnet18_method1.pth")
torch.save(resnet18.state_dict(), "resnet18_method2.pth")

class Tudui(nn.Module):
    def __init__(self):
        super(Tudui, self).__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=3)

    def forward(self, x):
        x = self.conv1(x)
        return x

tudui = Tudui()
torch.save(tudui, "tudui_method1.pth")
"""
LOAD = """
import knoll as torch
from model_save import *
import knoll.vision as torchvision

model = torch.load("resnet18_method1.pth", weights_only=False)
resnet18 = torchvision.models.resnet18(pretrained=False)
resnet18.load_state_dict(torch.load("resnet18_method2.pth"))
model = torch.load("tudui_method1.pth", weights_only=False)
print(model)
"""


def test_the_programs_of_the_course(tmp_path: Path) -> None:
    """`model_save.py` and `model_load.py` of the 小土堆 course, with other imports and a smaller network."""
    (tmp_path / "model_save.py").write_text(SAVE)
    (tmp_path / "model_load.py").write_text(LOAD)
    for name in ("model_save.py", "model_load.py"):
        done = subprocess.run([sys.executable, name], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("Tudui(\n  (conv1): Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1))")
