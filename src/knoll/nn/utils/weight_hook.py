"""Weights that a forward pre-hook computes: which hook does, and how the weight becomes a parameter again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor


class WeightHook:
    """A forward pre-hook that sets the weight `name`."""

    name: str


H = TypeVar("H", bound=WeightHook)


def hook_of(module: Module, kind: type[H], name: str) -> H | None:
    """The hook of a kind that sets a weight of a module."""
    rules: list[Any] = list(module._forward_pre_hooks.values())
    return next((rule for rule in rules if isinstance(rule, kind) and rule.name == name), None)


def put_back(module: Module, rule: WeightHook, weight: Tensor, parts: Iterable[str]) -> Module:
    """The module with `weight` as a parameter, without the hook and the `parts` that it was made of."""
    for part in (rule.name, *(f"{rule.name}_{part}" for part in parts)):
        delattr(module, part)
    module.register_parameter(rule.name, Parameter(weight))
    hooks: dict[int, Any] = module._forward_pre_hooks
    del hooks[next(key for key, hook in hooks.items() if hook is rule)]
    return module
