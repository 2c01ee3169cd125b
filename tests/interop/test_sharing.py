"""Parameters stay parameters, and what lies in one memory lies in one again: in files of Knoll and of PyTorch."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import DataError
from knoll.interop import safetensors_file
from knoll.interop.sharing import in_one_memory, parts_among

WHOLE = np.arange(12.0)


def made(library: Any) -> dict[str, Any]:
    """Tensors of every kind, some of which share memory."""
    nn = library.nn
    a, p = library.arange(6.0).reshape(2, 3), nn.Parameter(library.ones(2))
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    return {
        "views": [a, a[0], a[:, 1], a.t()[1:], a.flatten()],
        "again": (a, p),
        "parameter": p,
        "detached": p.detach(),
        "frozen": nn.Parameter(library.tensor([1, 2]), requires_grad=False),
        "learned": library.ones(2).requires_grad_(),
        "tied": nn.ModuleList([first, second]).state_dict(),
        "named": dict(first.named_parameters()),
        "empty": library.zeros(0, 2),
    }


def told(value: dict[str, Any]) -> list[Any]:
    """What the tensors are, and which change with which."""
    found: list[Any] = [(type(x).__name__, x.requires_grad) for x in value.values() if hasattr(x, "requires_grad")]
    found += [(type(x).__name__, x.requires_grad) for x in value["named"].values()]
    found += [value["again"][0] is value["views"][0], value["again"][1] is value["parameter"]]
    value["views"][0].add_(10)
    value["views"][2].zero_()
    found.append([x.tolist() for x in value["views"]])
    value["parameter"].detach().mul_(3)
    found.append(value["detached"].tolist())
    value["tied"]["0.weight"].fill_(5)
    found += [value["tied"]["1.weight"].tolist(), value["tied"]["1.bias"].shape == (2,)]
    found.append(value["named"]["weight"].tolist())
    (value["learned"] * 2).sum().backward()
    found.append(value["learned"].grad.tolist())
    return found


def test_all_comes_back_as_it_was() -> None:
    file = io.BytesIO()
    knoll.save(made(knoll), file)
    file.seek(0)
    assert told(knoll.load(file)) == told(made(knoll))


@pytest.mark.pytorch
@pytest.mark.parametrize("zipped", [True, False])
def test_files_of_pytorch_come_as_there(zipped: bool) -> None:
    torch = pytest.importorskip("torch")
    file = io.BytesIO()
    torch.save(made(torch), file, _use_new_zipfile_serialization=zipped)
    data = file.getvalue()
    assert told(knoll.load(io.BytesIO(data))) == told(torch.load(io.BytesIO(data)))


@pytest.mark.pytorch
def test_halves_of_pytorch_share_memory_too() -> None:
    torch = pytest.importorskip("torch")
    file = io.BytesIO()
    a = torch.arange(4, dtype=torch.bfloat16)
    torch.save([a, a[2:]], file)
    whole, part = knoll.load(io.BytesIO(file.getvalue()))
    whole += 1
    assert part.tolist() == [3, 4]


def test_the_weights_of_a_state_dict_are_all_in_the_file(tmp_path: Any) -> None:
    weight = knoll.ones(2, 3)
    knoll.save({"a": weight, "b": weight.detach(), "c": weight.t()}, tmp_path / "tied")
    arrays = safetensors_file.load(tmp_path / "tied")[0]
    assert {name: array.shape for name, array in arrays.items()} == {"a": (2, 3), "b": (2, 3), "c": (3, 2)}
    loaded = knoll.load(tmp_path / "tied")
    loaded["c"][0] = 7
    assert loaded["a"].tolist() == loaded["b"].tolist() == [[7, 1, 1], [7, 1, 1]]


def test_loaded_parameters_are_learned() -> None:
    file = io.BytesIO()
    knoll.save([knoll.nn.Parameter(knoll.ones(2))], file)
    file.seek(0)
    (weight,) = knoll.load(file)
    optimizer = knoll.optim.SGD([weight], lr=0.5)
    (weight * 2).sum().backward()
    optimizer.step()
    assert weight.tolist() == [0, 0]


@pytest.mark.parametrize(
    "part",
    [
        WHOLE[3:5], WHOLE[::-1], WHOLE[1::3], WHOLE.reshape(3, 4).T, WHOLE.reshape(3, 4)[1:, ::2],
        np.broadcast_to(WHOLE[2:3], (3,)),
    ],
)  # fmt: skip
def test_parts_are_found_and_made_again(part: np.ndarray) -> None:
    text = parts_among({"part": part, "whole": WHOLE, "other": np.ones(3), "none": WHOLE[:0]})
    assert text is not None
    arrays = {"part": part.copy(), "whole": WHOLE.copy(), "other": np.ones(3)}
    joined = in_one_memory(arrays, text)
    assert joined.keys() == {"part", "whole"}
    np.testing.assert_array_equal(joined["part"], part)
    assert np.shares_memory(joined["part"], joined["whole"])


def test_parts_without_a_whole_are_left_alone() -> None:
    assert parts_among({"a": WHOLE[:8], "b": WHOLE[4:]}) is None
    assert parts_among({"a": WHOLE[:4], "b": WHOLE[4:]}) is None
    assert parts_among({"whole": WHOLE, "bytes": WHOLE.view(np.uint8)[3:9]}) is None


@pytest.mark.parametrize(
    "place",
    [
        ["whole", 11, [1]], ["whole", -1, [1]], ["whole", 0, [8]], ["whole", 1, [-2]], ["whole", 0, [1, 1]],
        ["none", 0, [1]], ["whole", "a", [1]], ["whole", 0], ["whole", 1 << 70, [1 << 70]], 3, None,
    ],
)  # fmt: skip
def test_a_text_that_reaches_beyond_is_refused(place: Any) -> None:
    with pytest.raises(DataError, match="nothing sensible"):
        in_one_memory({"part": np.ones(3), "whole": WHOLE.copy()}, json.dumps({"part": place}))
