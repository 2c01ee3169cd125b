"""What of ONNX's own test cases Knoll passes, written to docs/onnx.md: `python tests/onnx_cases/onnx_table.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import onnx
from collected import Case, cases, out_of_scope

DOCUMENT = Path(__file__).parents[2] / "docs" / "onnx.md"

HEAD = """# Knoll and ONNX's own test cases

ONNX {version} comes with test cases for its operators and with graphs that PyTorch once exported. Knoll does not read
ONNX files; its tests do, and compute each case with `knoll.nn.functional` and tensor operations, once operator by
operator and once as one compiled program. Results are compared as ONNX compares them: the same shapes and element
types, a relative error of at most 1e-3. `python tests/onnx_cases/onnx_table.py` makes this page.

Where ONNX says what PyTorch has no word for, the tests translate: unequal padding is put around the image first, a
signal is an image of one row, places of maxima in the whole tensor are counted from places in planes. What takes more
than that is out of scope, as are all operators that are not in the table. Some operators are defined by simpler ones;
their cases come a second time as graphs of these, in the row "functions, written out".

| operator | cases | passed | out of scope |
|---|---:|---:|---|
"""


def table() -> str:
    """The whole page; an AssertionError where a case fails."""
    groups = groupby(cases(), lambda case: case.group)
    lines = [_line(name, list(members)) for name, members in groups]
    return HEAD.format(version=onnx.__version__) + "\n".join([*lines, _line("**all**", cases())]) + "\n"


def _line(name: str, members: list[Case]) -> str:
    reasons = Counter(reason for case in members if (reason := out_of_scope(case)))
    return f"| {name} | {len(members)} | {len(members) - reasons.total()} | {'; '.join(_worded(reasons))} |"


def _worded(reasons: Counter[str]) -> Iterator[str]:
    for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{count}: {reason}"


if __name__ == "__main__":
    DOCUMENT.write_text(table(), encoding="utf-8")
