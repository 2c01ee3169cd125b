"""Names of element types in PyTorch's sentences."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.errors import UnsupportedError
from knoll.ops.dtypes import c_name, refuse_dtype, scalar_name


@pytest.mark.parametrize(
    ("dtype", "scalar", "c"),
    [
        ("float16", "Half", "c10::Half"), ("float32", "Float", "float"), ("float64", "Double", "double"),
        ("int32", "Int", "int"), ("int64", "Long", "long int"), ("uint8", "Byte", "unsigned char"),
        ("bool", "Bool", "bool"), ("uint16", "uint16", "uint16"),
    ],
)  # fmt: skip
def test_names(dtype: str, scalar: str, c: str) -> None:
    assert (scalar_name(np.dtype(dtype)), c_name(np.dtype(dtype))) == (scalar, c)


def test_a_refusal_names_operation_and_type_and_says_what_to_try() -> None:
    with pytest.raises(UnsupportedError, match="\"elu_cpu\" not implemented for 'Long'") as caught:
        refuse_dtype("elu_cpu", np.dtype(np.int64))
    assert "x.to(knoll.float32)" in str(caught.value)
