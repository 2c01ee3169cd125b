"""`knoll bench`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import knoll
from knoll.cli.options import COMMON, Common
from knoll.errors import UnsupportedError
from knoll.messages import say


def bench(
    *words: Annotated[str, Parameter(help=say("cli.option_words"), allow_leading_hyphen=True)],
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Measure Knoll beside its rivals; the benchmarks are in a checkout, not in the package.

    In that of the package alone: whatever lies in the folder where the command is typed is not run unasked.
    """
    root = Path(knoll.__file__).resolve().parents[2]
    if not (root / "benchmarks" / "rivals" / "knoll.py").is_file():
        raise UnsupportedError(say("bench.no_checkout"), advice=say("bench.from_checkout"))
    sys.path.insert(0, str(root))
    measure = import_module("benchmarks.__main__").app
    return int(measure(words, exit_on_error=False, print_error=False, result_action="return_value") or 0)
