"""What a command is to look at: a network of a user's file, or one of the library's by its name."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from knoll.check.program import Program, guarded
from knoll.errors import ArgumentError
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn import Module
from knoll.vision.models import get_model, list_models

_FILE = re.compile(r"(?P<file>.+?\.py)(?::(?P<name>.*))?", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Target:
    """A network, the shape of its input if it is known, and the loss that its file uses if it is one alone."""

    module: Module
    shape: Shape | None = None
    loss: str | None = None


def read_target(text: str) -> Target:
    """The network that a text such as "net.py:Net", "net.py:Net(10)" or "resnet18" names.

    A class is called without arguments, a function too. Raises ArgumentError, FileError.

    >>> read_target("practice").shape
    (3, 32, 32)
    """
    found = _FILE.fullmatch(text)
    if found is not None:
        return _of_file(Path(found["file"]), found["name"])
    if text not in list_models():
        near = get_close_matches(text, list_models(), 3, 0.5) or list_models()
        raise ArgumentError(say("check.no_target", name=text), expected="FILE.py:Net", advice=", ".join(near))
    module = get_model(text)
    return Target(module, getattr(module, "input_shape", None))


def _of_file(path: Path, name: str | None) -> Target:
    program = Program.read(path)
    chosen = name or _only_network(program)
    module = _network(program.value(chosen), chosen, path)
    shape = getattr(module, "input_shape", None)
    losses = program.losses if len(program.networks) == 1 else set()
    loss = next(iter(losses)) if len(losses) == 1 else None
    return Target(module, shape if isinstance(shape, tuple) else None, loss)


def _only_network(program: Program) -> str:
    """The one network of the file. Raises ArgumentError."""
    if len(program.networks) == 1:
        return program.networks[0]
    names = ", ".join(f"{program.path}:{name}" for name in program.networks or program.defined)
    raise ArgumentError(
        say("check.which_name", count=len(program.networks), file=program.path.name), advice=names or None
    )


def _network(value: Any, name: str, path: Path) -> Module:
    """The network that a name stands for: it, or what calling it gives. Raises ArgumentError."""
    if not isinstance(value, Module) and callable(value):
        value = _called(value, name, path)
    if isinstance(value, Module):
        return value
    kinds = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    advice = say("check.import_knoll") if "torch" in kinds else None
    raise ArgumentError(say("check.no_network", name=name), got=type(value).__name__, advice=advice)


def _called(maker: Any, name: str, path: Path) -> Any:
    try:
        signature = inspect.signature(maker)
    except (TypeError, ValueError):
        signature = inspect.Signature()
    missing = [each.name for each in signature.parameters.values() if _is_needed(each)]
    if missing:
        arguments = ", ".join(f"{each}=…" for each in missing)
        raise ArgumentError(
            say("check.needs_arguments", name=name), expected=", ".join(missing), advice=f'"{path}:{name}({arguments})"'
        )
    return guarded(path, maker)


def _is_needed(parameter: inspect.Parameter) -> bool:
    variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return parameter.default is parameter.empty and not variadic
