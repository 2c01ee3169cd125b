"""A whole program: what is given, the parameters, the layers, what is printed."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

import numpy as np

from knoll.analysis import trace
from knoll.analysis.layers import RANDOM
from knoll.graph import Array
from knoll.lab.code import in_keras, in_numpy, in_onnx, modules
from knoll.lab.code.stage import Piece, Recipe, Stage, is_possible, parameters, stages
from knoll.lab.numbers import SEED
from knoll.lab.subject import Subject
from knoll.messages import Sentence, sentence
from knoll.nn import Module

Library = Literal["knoll", "pytorch", "keras", "onnx", "numpy"]
LIBRARIES: Mapping[Library, str] = {
    "knoll": "Knoll", "pytorch": "PyTorch", "keras": "Keras", "onnx": "ONNX", "numpy": "NumPy",
}  # fmt: skip
RECIPES: Mapping[Library, Mapping[type[Module], Recipe]] = {
    "keras": in_keras.RECIPES, "onnx": in_onnx.RECIPES, "numpy": in_numpy.RECIPES,
}  # fmt: skip
FEW = 64  # numbers that are written one by one
DRAWN = """
rng = np.random.default_rng(0)


def drawn(fan_in, decimals, *shape):
    bound = 1 / np.sqrt(fan_in)
    return np.round(rng.uniform(-bound, bound, shape), decimals).astype("float32")

"""
IMPORTS: Mapping[Library, str] = {
    "knoll": "import knoll\nfrom knoll import nn", "pytorch": "import torch\nfrom torch import nn",
    "keras": "import keras", "onnx": "import onnx\nfrom onnx.helper import make_graph, make_model, make_node as node, "
    "make_opsetid, make_tensor_value_info\nfrom onnx.numpy_helper import from_array\n"
    "from onnx.reference import ReferenceEvaluator", "numpy": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs by itself, and what is said of differences; no text where the library has no such layer."""

    library: Library
    text: str
    notes: tuple[Sentence, ...] = ()


def program_of(library: Library, text: str, subject: Subject, cell: tuple[int, ...]) -> Program:
    """The program that makes the layer of a text, gives it what it was given, and prints the number at an index."""
    own = Stage(subject.layer, subject.arrays[0].shape, subject.output)
    several = len(trace(subject.layer, *subject.arrays).outputs) > 1
    if library in ("knoll", "pytorch"):
        if library == "pytorch" and modules.refused_by_pytorch(text):
            return Program(library, "", (_none_in(library),))
        names = modules.names_of(subject.layer, len(subject.arrays))
        package = "torch" if library == "pytorch" else "knoll"
        body = modules.lines(text, subject.layer, own, names, several=several, library=package)
        drawn, notes = [*parameters(own)], tuple[Sentence, ...]()
        if any(isinstance(each, RANDOM) for each in subject.layer.modules()):
            body = ["", f"{package}.manual_seed({SEED})", *body]
            notes = (sentence("lab.random"),) if library == "pytorch" else ()
        return Program(library, _whole(library, subject, names, drawn, body, cell), notes)
    return _of_pieces(library, subject, cell, several)


def _none_in(library: Library) -> Sentence:
    """What is said where there is no program: NumPy has no layers."""
    return (
        sentence("lab.no_numpy") if library == "numpy" else sentence("lab.no_counterpart", library=LIBRARIES[library])
    )


def _of_pieces(library: Library, subject: Subject, cell: tuple[int, ...], several: bool) -> Program:
    """A program in a library whose layers are written one by one."""
    found = stages(subject.layer, subject.arrays)
    recipes = RECIPES[library]
    pieces = [is_possible(recipes.get(type(stage.layer)), stage) for stage in found]
    missing = next((type(s.layer).__name__ for s, p in zip(found, pieces, strict=True) if p is None), None)
    if missing is not None or not found or several or len(subject.arrays) > 1:
        return Program(library, "", (_none_in(library),))
    made = [each for each in pieces if each is not None]
    notes = dict.fromkeys(note for each in made for note in each.notes)
    drawn = [line for stage in found for line in parameters(stage)]
    body = [*BODIES[library](found, made, drawn)]
    return Program(library, _whole(library, subject, ["x"], drawn, body, cell), tuple(notes))


def _in_numpy(_: tuple[Stage, ...], pieces: list[Piece], __: list[str]) -> Iterator[str]:
    for number, each in enumerate(pieces):
        yield ""
        yield from (("x = y",) if number else ())
        yield from each.lines


def _in_keras(found: tuple[Stage, ...], pieces: list[Piece], _: list[str]) -> Iterator[str]:
    is_image = len(found[0].taken) == 4
    if is_image:
        yield "x = x.transpose(0, 2, 3, 1)"
    yield from _in_numpy(found, pieces, [])
    if len(found[-1].made) == 4:
        yield "y = y.transpose(0, 3, 1, 2)"


def _in_onnx(found: tuple[Stage, ...], pieces: list[Piece], drawn: list[str]) -> Iterator[str]:
    yield ""
    yield "nodes = []"
    names = [line.partition(" = ")[0] for line in drawn]
    for number, each in enumerate(pieces):
        x, y = (f"y_{number - 1}" if number else "x"), (f"y_{number}" if number < len(pieces) - 1 else "y")
        for line in each.lines:
            names += [line.partition(" = ")[0]] if "np.float32" in line else []
            yield line.replace("[x", f'["{x}"').replace("{y}", y)
    yield "graph = make_graph("
    yield f'    nodes, "lab", [make_tensor_value_info("x", onnx.TensorProto.FLOAT, {list(found[0].taken)})],'
    yield f'    [make_tensor_value_info("y", onnx.TensorProto.FLOAT, {list(found[-1].made)})],'
    values = ", ".join(f"{name!r}: {name}" for name in names)
    yield f"    [from_array(np.asarray(value), name) for name, value in {{{values}}}.items()],"
    yield ")"
    yield 'model = make_model(graph, opset_imports=[make_opsetid("", 20)])'
    yield "onnx.checker.check_model(model)"
    yield '(y,) = ReferenceEvaluator(model).run(None, {"x": x})'


Body = Callable[[tuple[Stage, ...], list[Piece], list[str]], Iterator[str]]
BODIES: Mapping[Library, Body] = {"numpy": _in_numpy, "keras": _in_keras, "onnx": _in_onnx}


def _whole(
    library: Library, subject: Subject, names: list[str], drawn: list[str], body: list[str], cell: tuple[int, ...]
) -> str:
    """The parts of a program, one after the other."""
    given = [line for name, array in zip(names, subject.arrays, strict=True) for line in _given(name, array)]
    needs = "import base64\nimport zlib\n" if any("zlib" in line for line in given) else ""
    imports = f"{needs}\n" if needs else ""
    parts = [f"{imports}import numpy as np\n{IMPORTS[library]}".rstrip() + "\n", *given]
    if drawn:
        parts += [DRAWN.rstrip("\n") + "\n\n", *drawn]
    index = ", ".join(map(str, cell))
    return "\n".join((*parts, *body, "", "print(y.shape)", f"print(y[{index}])" if cell else "print(y)", ""))


def _given(name: str, array: Array) -> Iterator[str]:
    """The lines that make an array: number by number, or the pixels of a picture in letters."""
    hundredths = np.rint(array.astype(np.float64) * 100)
    below = 100 if (hundredths < 0).any() else 0
    pixels = (hundredths + below).clip(0, 255).astype(np.uint8)
    again = (pixels.astype(np.float32) - below) / np.float32(100)
    if array.dtype == np.float32 and array.size > FEW and (again == array).all():
        letters = base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode()
        yield f"{name}_pixels = ("
        yield from (f'    "{line}"' for line in wrap(letters, 100))
        yield ")"
        yield f"{name} = np.frombuffer(zlib.decompress(base64.b64decode({name}_pixels)), np.uint8)"
        whole = f'({name}.astype("float32") - {below})' if below else f'{name}.astype("float32")'
        yield f"{name} = {whole}.reshape{array.shape} / np.float32(100)"
    else:
        yield f'{name} = np.array({_rows(array)}, "{array.dtype}")'


def _rows(array: Array) -> str:
    """An array as lists, its shortest numbers."""
    if array.ndim == 0:
        return repr(array.item())
    if array.ndim == 1:
        return f"[{', '.join(repr(float(str(each)) if array.dtype.kind == 'f' else int(each)) for each in array)}]"
    return f"[{', '.join(map(_rows, array))}]"
