"""In which layer an error happened, told by the names that the layer has in the model.

The calls are read from the traceback of the error, so that a call that succeeds pays nothing for it.
"""

from __future__ import annotations

from itertools import pairwise
from types import CodeType
from typing import TypeVar

from knoll.errors import KnollError
from knoll.nn.module_base import AnyModule

E = TypeVar("E", bound=KnollError)


def located(error: E, call: CodeType) -> E:
    """The error, told where: the names from the outermost module to the one that failed, and its repr.

    `call` is the code of `Module.__call__`, whose frames are the module calls that were under way.
    """
    modules = _modules_called(error, call)
    if not modules:
        return error
    names = [_name(parent, child) for parent, child in pairwise(modules)]
    return error.located(f"{'.'.join(names)} {_short(modules[-1])}".strip())


def innermost(error: BaseException, call: CodeType) -> AnyModule | None:
    """The module that was called last."""
    return next(reversed(_modules_called(error, call)), None)


def _modules_called(error: BaseException, call: CodeType) -> list[AnyModule]:
    modules: list[AnyModule] = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is call:
            module = trace.tb_frame.f_locals["self"]
            if module not in modules[-1:]:
                modules.append(module)
        trace = trace.tb_next
    return modules


def _name(parent: AnyModule, child: AnyModule) -> str:
    """The child's name in its parent; its class if the parent does not know it."""
    names = (name for name, module in parent.named_modules(remove_duplicate=False) if module is child)
    return next(names, type(child).__name__)


def _short(module: AnyModule) -> str:
    try:
        text = repr(module)
    except Exception:  # noqa: BLE001 (an overridden extra_repr may raise anything; the error that is told comes first)
        return type(module).__name__
    return text if "\n" not in text else type(module).__name__
