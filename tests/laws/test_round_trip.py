"""What is kept is what it was: saved and loaded, copied, pickled, printed and read again."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
from backends import as_chosen, outcome, same
from table import CASES, Case

from knoll import nn
from knoll.interop import read_weights, safetensors_file


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_saved_is_loaded(case: Case, dtype: str, tmp_path: Path) -> None:
    layer, arrays = case.build(dtype), case.arrays(dtype)
    safetensors_file.save(tmp_path / "weights", {k: v.detach().numpy() for k, v in layer.state_dict().items()})
    other = case.build(dtype)
    for tensor in (*other.parameters(), *other.buffers()):
        tensor.detach().numpy()[...] = 0
    assert str(other.load_state_dict(read_weights(tmp_path / "weights"))) == "<All keys matched successfully>"
    same(outcome(as_chosen, other, arrays), outcome(as_chosen, layer, arrays))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_copy_is_equal_and_apart(case: Case, copied: object) -> None:
    layer, arrays = case.build().eval(), case.arrays()
    twin = copied(layer)
    assert repr(twin) == repr(layer)
    assert not twin.training
    expected = outcome(as_chosen, layer, arrays)
    same(outcome(as_chosen, twin, arrays), expected)
    for tensor in twin.state_dict().values():
        tensor.detach().numpy()[...] = 0
    same(outcome(as_chosen, layer, arrays), expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_printed_makes_the_layer_again(case: Case) -> None:
    layer = case.build()
    if case.evaluable:
        assert repr(eval(repr(layer), dict(vars(nn)))) == repr(layer)  # noqa: S307 (our own text)
    else:
        said = r"invalid syntax|name '\w+' is not defined|unexpected keyword argument 'mode'|missing 1 required"
        with pytest.raises((SyntaxError, NameError, TypeError), match=said):
            eval(repr(layer), dict(vars(nn)))  # noqa: S307 (likewise)
