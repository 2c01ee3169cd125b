"""Parameters and layers that the network does not know, does not use, or cannot learn with."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import Any

import numpy as np

from knoll.check.evidence import Evidence, Site, Values, finding, site
from knoll.check.finding import Finding
from knoll.nn import Module, Parameter
from knoll.nn.made_at import made_at
from knoll.nn.registry import REGISTRIES
from knoll.nn.uninitialized import is_lazy
from knoll.tensor import Tensor

_DEPTH = 3  # how deep lists in lists are looked into
_DYNAMIC = frozenset({"getattr", "_modules", "children", "named_children", "modules", "named_modules", "__dict__"})
_CHANGES_NOTHING_ELSE = frozenset(
    {"linear", "conv2d", "conv_transpose2d", "batch_norm", "max_pool2d", "resample2d", "softmax", "log_softmax"}
    | {"relu", "sigmoid", "tanh", "leaky_relu", "gelu", "silu", "elu", "hardtanh"}
)


def unregistered(evidence: Evidence) -> Iterator[Finding]:
    """Layers and parameters in a plain list, dict or attribute, where `parameters()` does not find them."""
    known: set[int] = {id(each) for each in (*evidence.module.modules(), *evidence.module.parameters())}
    known |= {id(buffer) for buffer in evidence.module.buffers()}
    for owner in tuple(evidence.module.modules()):
        prefix = evidence.names[owner]
        for name, value in vars(owner).items():
            if name in REGISTRIES:
                continue
            lost = [each for each in _held_tensors(value, _DEPTH) if id(each) not in known and _learns(each)]
            lost = [each for each in lost if not _is_result(each, value, name, owner)]
            if lost:
                yield _unregistered(owner, f"{prefix}.{name}".lstrip("."), name, value, lost[0], len(lost))


def _unregistered(owner: Module, path: str, name: str, value: Any, first: Any, count: int) -> Finding:
    is_layer = isinstance(first, Module)
    at = Site(path, made_at(first) if is_layer else made_at(owner))
    kind = "Module" if is_layer else "Parameter"
    if value is first:
        code = f"self.{name} = nn.Parameter(…)"
    else:
        code = f"self.{name} = nn.{kind}{'Dict({…})' if isinstance(value, dict) else 'List([…])'}"
    words = "unregistered_layer" if is_layer else "unregistered_parameter"
    values: Values = {
        "path": path,
        "name": name,
        "holder": type(value).__name__,
        "count": count,
        "kind": type(first).__name__,
    }
    return finding(words, "error", at, code=code, values=values)


def _held_tensors(value: Any, depth: int) -> Iterator[Any]:
    """The modules and tensors in a value, and in lists and dicts in it."""
    if isinstance(value, (Module, Tensor)):
        yield value
    elif depth and isinstance(value, dict):
        for each in value.values():
            yield from _held_tensors(each, depth - 1)
    elif depth and isinstance(value, (list, tuple, set)):
        for each in value:
            yield from _held_tensors(each, depth - 1)


def _is_result(held: Module | Tensor, value: Any, name: str, owner: Module) -> bool:
    """Whether a tensor was computed, and kept for later: by a method, or in a list or dict."""
    if isinstance(held, Module) or held.is_leaf:
        return False
    return held is not value or name in _names_stored(type(owner))


def plain_tensors(module: Module) -> Iterator[Tensor]:
    """The tensors, and the parameters of layers, that are kept in plain attributes, lists and dicts."""
    for owner in module.modules():
        for name, value in vars(owner).items():
            for held in _held_tensors(value, _DEPTH) if name not in REGISTRIES else ():
                yield from held.parameters() if isinstance(held, Module) else (held,)


def _learns(held: Module | Tensor) -> bool:
    if isinstance(held, Module):
        return any(parameter.requires_grad for parameter in held.parameters())
    return held._value is None and held.requires_grad


def unused(evidence: Evidence) -> Iterator[Finding]:
    """Layers and parameters that no method but the constructor names, so that nothing is learned for them."""
    if len(evidence.flows) < 2 or evidence.asks_for_numbers():  # another input may take another way
        return
    called = dict.fromkeys(call.module for flow in evidence.flows for call in flow.trace.calls)
    read = {name for flow in evidence.flows for name in flow.trace.parameters.values()}
    for owner in called:
        if type(owner).__module__.startswith("knoll."):
            continue
        used, prefix = _names_used(type(owner)), evidence.names[owner]
        for name, value in (*owner._modules.items(), *owner._parameters.items()):
            path = f"{prefix}.{name}".lstrip(".")
            is_used = value in called or bool(read & {path, *_names_of(path, value)})
            if not is_used and not used & ({name} | _DYNAMIC) and (_is_layer(value) or isinstance(value, Parameter)):
                at = Site(path, made_at(value) if isinstance(value, Module) else made_at(owner))
                values: Values = {"path": path, "kind": type(value).__name__, "owner": type(owner).__name__}
                yield finding("unused_parameter", "warning", at, values=values)


def _names_of(path: str, value: Any) -> list[str]:
    """The names of the parameters of a layer."""
    return [f"{path}.{name}" for name, _ in value.named_parameters()] if isinstance(value, Module) else []


def _is_layer(value: Any) -> bool:
    """Whether it is one of Knoll's layers, or several in a row, and learns something."""
    if not isinstance(value, Module) or not any(True for _ in value.parameters()):
        return False
    return all(type(each).__module__.startswith("knoll.nn") for each in value.modules())


def _names_used(owner: type) -> set[str]:
    """The names that the methods of a class use, its constructor left out."""
    return set().union(*map(_names_in, _methods_code(owner)))


def _names_stored(owner: type) -> set[str]:
    """The attributes that the methods of a class set, its constructor left out."""
    instructions = (each for code in _methods_code(owner) for each in dis.get_instructions(code))
    return {each.argval for each in instructions if each.opname == "STORE_ATTR"}


def _methods_code(owner: type) -> Iterator[CodeType]:
    """The code of the user's methods of a class, its constructor left out."""
    for kind in owner.__mro__:
        if kind.__module__.startswith("knoll.") or kind is object:
            continue
        for name, method in vars(kind).items():
            method = getattr(method, "fget", None) or getattr(method, "__func__", method)
            code = getattr(method, "__code__", None)
            if isinstance(code, CodeType) and name != "__init__":
                yield code


def _names_in(code: CodeType) -> set[str]:
    """The names, and texts that may be names, that code uses, without those behind a `return`."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    names = {each.argval for each in dis.get_instructions(code) if isinstance(each.argval, str)}
    texts = {each for each in code.co_consts if isinstance(each, (tuple, frozenset))}
    return names.union(*map(_names_in, inner), *({word for word in each if isinstance(word, str)} for each in texts))


def result_unused(evidence: Evidence) -> Iterator[Finding]:
    """A layer or an activation whose result nothing reads."""
    told: set[object] = set()
    for flow in evidence.flows:
        kept = {*flow.outputs, *flow.trace.stored, *flow.trace.computed.values()}
        for step in flow.trace.steps:
            results, key = set(step.node.outputs), (step.place, step.node.op)
            is_read = results & kept or any(flow.readers.get(value) for value in results)
            if step.node.op.name in _CHANGES_NOTHING_ELSE and not is_read and key not in told:
                told.add(key)
                values: Values = {"layer": flow.label(step)}
                yield finding("result_unused", "warning", site(flow, step), code="x = …", values=values)


def weights_of_no_use(evidence: Evidence) -> Iterator[Finding]:
    """Weights that are no finite numbers, or that are all the same, so that all channels learn the same."""
    weights = [(name, p) for name, p in evidence.module.named_parameters() if not is_lazy(p)]
    for name, parameter in weights:
        if not np.isfinite(parameter.detach().numpy()).all():
            owner = evidence.module.get_submodule(name.rpartition(".")[0])
            yield finding("weights_not_finite", "error", Site(name, made_at(owner)), values={"name": name})
            return
    arrays = [(name, p.detach().numpy()) for name, p in weights if p.numel()]
    matrices = [(name, array) for name, array in arrays if array.ndim > 1]
    if len(matrices) > 1 and all((array == array.flat[0]).all() for _, array in arrays):
        owner = evidence.module.get_submodule(matrices[0][0].rpartition(".")[0])
        at = Site(matrices[0][0], made_at(owner))
        yield finding(
            "weights_all_equal", "error", at, values={"name": matrices[0][0], "value": float(matrices[0][1].flat[0])}
        )


def frozen(evidence: Evidence) -> Iterator[Finding]:
    """A network that is to be trained, none of whose parameters wants a gradient."""
    parameters = list(evidence.module.parameters())
    if evidence.trains and parameters and not any(p.requires_grad for p in parameters):
        at = Site("", made_at(evidence.module))
        yield finding("all_frozen", "error", at, code="net.requires_grad_(True)", values={"count": len(parameters)})
