"""What a layer is called with, where Python refuses the arguments of a call."""

from __future__ import annotations

import re
from types import CodeType
from typing import Any

from knoll.calls import parameters_of, refused
from knoll.errors import ArgumentTypeError
from knoll.nn.error_location import innermost, located

_REFUSED = re.compile(r"(\w+)\.forward\(\) (?:missing|takes|got) ")


def refused_call(error: TypeError, call: CodeType) -> ArgumentTypeError | None:
    """What a layer of Knoll's is called with, where Python's error says that it was called otherwise; else None.

    `call` is the code of `Module.__call__`.
    """
    found = _REFUSED.match(str(error))
    module: Any = innermost(error, call) if found else None
    if found is None or module is None or type(module).__name__ != found[1] or not module._is_stock:
        return None
    told = refused(str(error), "forward", parameters_of(type(module).forward), {}).with_traceback(error.__traceback__)
    return located(told, call)
