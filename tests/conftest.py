"""What many tests share: English sentences, PyTorch as a witness, gradients against differences."""

from __future__ import annotations

import gc
import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import knoll
from knoll.errors import KnollError
from knoll.graph import Array, Graph, Op, Value, evaluate, spec_of
from knoll.language import set_language
from knoll.ops.differentiate import differentiate
from knoll.run.threads import cores
from knoll.tensor.record import Recorder

# `pytest --hypothesis-profile thorough` draws four times as many examples as a usual run.
settings.register_profile("thorough", settings.default, max_examples=4 * settings.default.max_examples)


TESTS = Path(__file__).parent
ASKS = re.compile(r"""importorskip\("(safetensors\.)?torch"|^import onnx""", re.MULTILINE)
IMPORTS = re.compile(r"^from (\w+) import", re.MULTILINE)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_setupnodes(specs: Sequence[object]) -> None:
    """Workers share the cores: threads that wait for each other's cores, OpenBLAS's busily, slow all of them down.

    A worker inherits what is set here before it imports NumPy, which reads it then.
    """
    for threads in ("KNOLL_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, str(max(1, cores() // len(specs))))


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Tests that ask for PyTorch or ONNX, or stand beside some that do, are marked: `-m pytorch` runs them alone."""
    shared = [path for path in TESTS.rglob("*.py") if not path.name.startswith(("test_", "conftest"))]
    helpers = {path.stem for path in shared if _asks(path)}
    asks = {path: _asks(path) or not helpers.isdisjoint(_imported(path)) for path in {item.path for item in items}}
    for item in items:
        if "torch" in getattr(item, "fixturenames", ()) or asks[item.path]:
            item.add_marker("pytorch")


def _asks(path: Path) -> bool:
    """Whether a file asks for PyTorch or ONNX itself."""
    return bool(ASKS.search(path.read_text(encoding="utf-8")))


def _imported(path: Path) -> list[str]:
    """The modules that a file imports names from."""
    return IMPORTS.findall(path.read_text(encoding="utf-8"))


def pytest_collection_finish() -> None:
    """What was collected stays for the whole session: the garbage collector need not look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def generators(request: pytest.FixtureRequest) -> list[tuple[np.random.Generator, Any]]:
    """NumPy's random generators that stand in a file of tests, each with its state before the first of them."""
    every = vars(request.module).values()
    return [(each, each.bit_generator.state) for each in every if isinstance(each, np.random.Generator)]


@pytest.fixture(autouse=True)
def _same_start(generators: list[tuple[np.random.Generator, Any]]) -> Iterator[None]:
    """English, and the same random numbers whichever tests ran before."""
    set_language("en")
    knoll.manual_seed(0)
    for generator, state in generators:
        generator.bit_generator.state = state
    yield
    set_language(None)


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_interrupts() -> None:
    """A shell's background job, and the processes that it starts, ignore Ctrl-C unless told otherwise."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def torch() -> Any:
    """PyTorch, or a skipped test."""
    return pytest.importorskip("torch")


@pytest.fixture
def recordings(monkeypatch: pytest.MonkeyPatch) -> list[Recorder]:
    """All recordings that are opened."""
    seen: list[Recorder] = []
    begin = Recorder.__init__
    monkeypatch.setattr(Recorder, "__init__", lambda self, *given: (seen.append(self), begin(self, *given))[1])
    return seen


def first_line(error: BaseException) -> str:
    """The first line of an error, with the elements of a printed set in order and the package's name left out."""
    text = error.reason.split("\n")[0] if isinstance(error, KnollError) else str(error.args[0]).split("\n")[0]
    text = re.sub(r"\{(.*?)\}", lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", text)
    return re.sub(r"\b(knoll|torch)\.[\w.]+\.(\w+)", r"\2", text)


@pytest.fixture
def same_error(torch: Any) -> Callable[[Callable[[Any], object], Callable[[Any], object] | None], None]:
    """Check that Knoll refuses with the first line and the kind of error with which PyTorch refuses.

    Both calls are given a namespace `nn`, `F` and `x(*shape, dtype)` of their own.
    """

    class Knoll:
        from knoll import nn

        F = nn.functional

        @staticmethod
        def x(*shape: int, dtype: str = "float32") -> Any:
            return np.ones(shape, dtype)

    class Torch:
        nn = torch.nn
        F = torch.nn.functional

        @staticmethod
        def x(*shape: int, dtype: str = "float32") -> Any:
            return torch.ones(shape, dtype=getattr(torch, dtype))

    def compare(call: Callable[[Any], object], kind: type[Exception] | None = None) -> None:
        with pytest.raises(Exception) as theirs:  # noqa: PT011 (whatever PyTorch raises)
            call(Torch)
        with pytest.raises(kind or type(theirs.value)) as ours:
            call(Knoll)
        assert first_line(ours.value) == first_line(theirs.value)

    return compare


def _gradients(
    op: Op, arrays: Sequence[Array], seed: Array, wrt: tuple[int, ...], attributes: dict[str, Any]
) -> list[Array]:
    inputs = tuple(Value(spec_of(array)) for array in arrays)
    graph = Graph(inputs, op.node(*inputs, **attributes).outputs[:1])
    return evaluate(differentiate(graph, wrt).joint, [*arrays, seed])[1:]


def _check(op: Op, *arrays: Array, wrt: tuple[int, ...], **attributes: Any) -> None:
    """Compare the gradient of Σ seed · op(arrays) with differences, in float64."""
    random = np.random.default_rng(0)
    step = 1e-6
    seed = random.standard_normal(op.meaning(*arrays, **attributes)[0].shape)
    for i, found in zip(wrt, _gradients(op, arrays, seed, wrt, attributes), strict=True):
        assert found.shape == arrays[i].shape
        assert found.dtype == arrays[i].dtype
        expected = np.empty_like(arrays[i])
        for place in np.ndindex(arrays[i].shape):
            sums = []
            for sign in (1, -1):
                moved = [array.copy() for array in arrays]
                moved[i][place] += sign * step
                sums.append((op.meaning(*moved, **attributes)[0] * seed).sum())
            expected[place] = (sums[0] - sums[1]) / (2 * step)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@pytest.fixture
def check_gradient() -> Callable[..., None]:
    """Compare an operation's gradient with differences."""
    return _check
