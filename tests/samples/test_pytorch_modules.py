"""Every layer in scope on PyTorch's own module samples: results, gradients, and the errors it expects."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

from samples_of_pytorch import fits, mine, same_results, tensors_in
from torch.testing._internal.common_modules import module_db

from knoll import nn
from knoll.nn.layers.absent_layers import absent_layer

INFOS = {
    name: info
    for info in module_db
    if hasattr(nn, name := info.name.removeprefix("nn.")) and absent_layer(name) is None
}
DRAWS = {"Dropout", "AlphaDropout", "RReLU"}  # random numbers are each library's own

OF_LAYERS = {"TransformerEncoder"}  # is given a layer with arguments: tests/nn has it


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """Both libraries warn of the same things; that is tested elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def samples(info: Any, dtype: Any, training: bool) -> list[Any]:
    torch.manual_seed(0)
    return list(info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=training))


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", sorted(set(INFOS) - DRAWS - OF_LAYERS))
def test_samples(name: str, dtype: Any, training: bool) -> None:
    info, tried = INFOS[name], 0
    for sample in samples(info, dtype, training):
        made, given = sample.constructor_input, sample.forward_input
        if given is None or not fits(made.args, made.kwargs, given.args, given.kwargs):
            continue
        theirs = info.module_cls(*made.args, **made.kwargs).to(dtype).train(training)
        ours = getattr(nn, name)(*mine(made.args), **mine(made.kwargs)).to(mine(dtype)).train(training)
        words = f"{name}({made.args}, {made.kwargs}) {sample.desc}"
        if name.startswith("Lazy"):  # sizes are known from the first input on
            theirs(*given.args, **given.kwargs)
            ours(*mine(given.args), **mine(given.kwargs))
        assert list(ours.state_dict()) == list(theirs.state_dict()), words
        ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
        args, kwargs = mine(given.args), mine(given.kwargs)
        same_results(
            lambda: ours(*args, **kwargs),  # noqa: B023 (called at once)
            lambda: theirs(*given.args, **given.kwargs),  # noqa: B023 (called in the loop)
            [*tensors_in((args, kwargs)), *ours.parameters()],
            [*tensors_in((given.args, given.kwargs)), *theirs.parameters()],
            words,
        )
        tried += 1
    assert tried, "no sample was in scope"


def call(name: str, made: Any, given: Any) -> Any:
    """A new layer, called once; what can be known beforehand it refuses when it is made."""
    return getattr(nn, name)(*mine(made.args), **mine(made.kwargs)).double()(*mine(given.args), **mine(given.kwargs))


WITH_ERRORS = sorted(name for name, info in INFOS.items() if info.module_error_inputs_func is not None)


@pytest.mark.parametrize("name", WITH_ERRORS)
def test_errors(name: str) -> None:
    info = INFOS[name]
    torch.manual_seed(0)
    for case in info.module_error_inputs_func(info, "cpu", torch.float64, True, True):
        made, given = case.module_error_input.constructor_input, case.module_error_input.forward_input
        if not fits(made.args, made.kwargs, given.args if given else (), given.kwargs if given else {}):
            continue
        with pytest.raises(case.error_type) as caught:
            call(name, made, given)
        assert re.search(case.error_regex, str(caught.value)), (case.error_regex, str(caught.value))
