"""Modules among the arguments of functions."""

from __future__ import annotations

from typing import Any

from knoll.errors import ArgumentTypeError
from knoll.nn.module import Module
from knoll.nn.module_advice import for_no_module
from knoll.nn.typename import typename


def module(value: Any) -> Module:
    """A module. Raises ArgumentTypeError."""
    if not isinstance(value, Module):
        raise ArgumentTypeError(f"{typename(value)} is not a Module subclass", advice=for_no_module(Module, value))
    return value
