"""What of ONNX's own test cases Knoll passes, written to docs/onnx.md: `python tests/onnx_cases/onnx_table.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from textwrap import fill

import onnx
from collected import KINDS, WRITTEN_OUT, Case, absent, cases, outcome

DOCUMENT = Path(__file__).parents[2] / "docs" / "onnx.md"

HEAD = """# Knoll and ONNX's own test cases

ONNX {version} comes with test cases for its operators and with graphs that PyTorch once exported. Knoll does not read
ONNX files; its tests do, and compute each case with `knoll.nn.functional` and tensor operations, once operator by
operator and once as one compiled program. Results are compared as ONNX compares them: the same shapes and element
types, a relative error of at most 1e-3. `python tests/onnx_cases/onnx_table.py` makes this page.

Arguments are translated, and tensors turned and reshaped on the way: a signal is an image of one row. Where no single
function of Knoll says what ONNX means, the tests put several together, as padding and a convolution for unequal
padding, or logarithm and sum; such cases are counted as composed: they show that the operations are right, not that
Knoll has the operator. Some operators are defined by simpler ones; their cases come a second time as graphs of these,
in the row "{written_out}".

Of {all_cases} cases of operators, {listed} stand in this table, with the {graphs} exported graphs; the other {absent}
are of operators that Knoll lacks, named below it.

| operator | cases | passed | of these composed | out of scope |
|---|---:|---:|---:|---|
"""

TAIL = (
    "Operators that Knoll lacks, with the number of their cases: {names}; and {functions} with some of them ({count})."
)


def table() -> str:
    """The whole page; an AssertionError where a case fails."""
    groups = groupby(cases(), lambda case: case.group)
    lines = [_line(name, list(members)) for name, members in groups]
    missing = absent()
    written_out = missing.pop(WRITTEN_OUT)
    graphs = sum(case.group in KINDS for case in cases())
    counts = {
        "listed": len(cases()) - graphs,
        "graphs": graphs,
        "absent": missing.total() + written_out,
        "all_cases": len(cases()) - graphs + missing.total() + written_out,
    }
    head = HEAD.format(version=onnx.__version__, written_out=WRITTEN_OUT, **{k: f"{n:,}" for k, n in counts.items()})
    names = ", ".join(f"{name} {count}" for name, count in sorted(missing.items()))
    tail = TAIL.format(names=names, functions=WRITTEN_OUT, count=written_out)
    return head + "\n".join([*lines, _line("**all**", cases()), "", fill(tail, 120), ""])


def _line(name: str, members: list[Case]) -> str:
    outcomes = [outcome(case) for case in members]
    reasons = Counter(each.reason for each in outcomes if each.reason)
    composed = sum(each.composed for each in outcomes) or ""
    passed = len(members) - reasons.total()
    return f"| {name} | {len(members)} | {passed} | {composed} | {'; '.join(_worded(reasons))} |"


def _worded(reasons: Counter[str]) -> Iterator[str]:
    for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{count}: {reason}"


if __name__ == "__main__":
    DOCUMENT.write_text(table(), encoding="utf-8")
