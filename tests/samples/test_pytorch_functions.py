"""Every function in scope on PyTorch's own operator samples: results, gradients, and the errors it expects."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

from samples_of_pytorch import fits, mine, same_results, tensors_in
from torch.testing._internal.common_methods_invocations import op_db

import knoll
from knoll.nn import functional as F

# Random numbers are each library's own; what does not depend on them is tested beside the layers.
# PyTorch's gradient of hardsigmoid holds 1/6 in float32, also in float64.
SLOPES_IN_FLOAT32 = {"hardsigmoid"}
DRAWS = {
    "dropout",
    "fractional_max_pool2d",
    "dropout2d",
    "dropout3d",
    "alpha_dropout",
    "feature_alpha_dropout",
    "rrelu",
    "multi_head_attention_forward",
    "scaled_dot_product_attention",
}
PLAIN = {"softmax", "log_softmax", "sigmoid", "tanh"}  # functions of tensors that are layers too
INFOS = {
    f"{info.name.removeprefix('nn.functional.')} {info.variant_test_name}".strip(): info
    for info in op_db
    if (info.name.startswith("nn.functional.") and hasattr(F, info.name.removeprefix("nn.functional.")))
    or info.name in PLAIN
}
NAMES = sorted(name for name in INFOS if name.split()[0] not in DRAWS)


def normalises_one_value(name: str, sample: Any) -> bool:
    """Such a gradient is exactly zero; PyTorch's is rounding of terms a hundred million times as large."""
    if name == "normalize":
        return bool(sample.input.ndim) and sample.input.shape[sample.kwargs.get("dim", 1)] == 1
    return name == "layer_norm" and sample.args[0] == (1,)


def function(name: str) -> Any:
    if name == "embedding":  # PyTorch's samples have the table first
        return lambda weight, indices, **options: F.embedding(indices, weight, **options)
    short = INFOS[name].name.removeprefix("nn.functional.")
    return getattr(F, short) if hasattr(F, short) else getattr(knoll, short)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """Both libraries warn of the same things; that is tested elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_samples(name: str, dtype: Any) -> None:
    info = INFOS[name]
    if not info.supports_dtype(dtype, "cpu"):
        pytest.skip("PyTorch does not take this element type either")
    torch.manual_seed(0)
    tried = 0
    slack = 1e-7 if name in SLOPES_IN_FLOAT32 else 0.0
    for sample in info.sample_inputs("cpu", dtype, requires_grad=dtype.is_floating_point):
        theirs = (sample.input, *sample.args), sample.kwargs
        if not fits(theirs) or (dtype == torch.float32 and normalises_one_value(name, sample)):
            continue
        args, kwargs = mine(theirs[0]), mine(theirs[1])
        same_results(
            lambda: function(name)(*args, **kwargs),  # noqa: B023 (called at once)
            lambda: info(*theirs[0], **theirs[1]),  # noqa: B023 (called in the loop)
            list(tensors_in((args, kwargs))),
            list(tensors_in(theirs)),
            f"{name}{[tuple(t.shape) for t in tensors_in(theirs)]} {sample.args} {sample.kwargs}"[:300],
            slack,
        )
        tried += 1
    assert tried, "no sample was in scope"


@pytest.mark.parametrize("name", [name for name in NAMES if INFOS[name].error_inputs_func is not None])
def test_errors(name: str) -> None:
    torch.manual_seed(0)
    for case in INFOS[name].error_inputs("cpu"):
        sample = case.sample_input
        given = (sample.input, *sample.args)
        if not fits(given, sample.kwargs):
            continue
        with pytest.raises(case.error_type) as caught:
            function(name)(*mine(given), **mine(sample.kwargs))
        assert re.search(case.error_regex, str(caught.value)), (case.error_regex, str(caught.value))
