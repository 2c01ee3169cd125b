"""NumPy's functions that stand in for the meaning of operations give the same arrays."""

import numpy as np
import pytest

from knoll.graph import Op, spec_of
from knoll.graph.spec import DType
from knoll.ops.elementwise import arithmetic, comparisons
from knoll.ops.linear_algebra import linear
from knoll.ops.reduction import reduce

OPS = [op for module in (arithmetic, comparisons, linear, reduce) for op in vars(module).values() if isinstance(op, Op)]
DIRECT = {op.name: op for op in OPS if op.direct is not None}
ATTRIBUTES = {"sum": [{"axes": (0, 1), "keep": False}, {"axes": (1,), "keep": True}, {"axes": (), "keep": False}]}


def test_some_operations_have_one() -> None:
    assert {"add", "exp", "less", "matmul", "sum"} <= DIRECT.keys()


@pytest.mark.parametrize("dtype", [np.dtype(name) for name in ("float16", "float32", "float64")], ids=str)
@pytest.mark.parametrize("op", [*DIRECT.values()], ids=repr)
def test_the_results_are_those_of_the_meaning(op: Op, dtype: DType) -> None:
    assert op.direct is not None
    numbers = np.array([[-np.inf, -3.5, -0.0], [0.0, 6e4, np.nan], [np.inf, 1e-7, 0.5]]).astype(dtype)
    for attributes in ATTRIBUTES.get(op.name, [{}]):
        for operands in ([numbers], [numbers, numbers[::-1]]):
            try:
                (spec,) = op.results(*map(spec_of, operands), **attributes)
            except TypeError:  # another number of operands
                continue
            with np.errstate(all="ignore"):
                (meant,), found = op.meaning(*operands, **attributes), op.direct(**attributes)(*operands)
            np.testing.assert_array_equal(found, meant)
            assert found.dtype == meant.dtype == spec.dtype
            break
        else:
            pytest.fail(f"{op} takes neither one operand nor two")
