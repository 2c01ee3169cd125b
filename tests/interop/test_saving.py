from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn, optim
from knoll.errors import ArgumentTypeError, FileError
from knoll.interop import read_weights, safetensors_file
from knoll.vision.models import get_model


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    net, other = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(2, 2)), nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(2, 2))
    net.register_buffer("steps", knoll.tensor(7))
    other.register_buffer("steps", knoll.tensor(0))
    knoll.save(net.state_dict(), tmp_path / "net.pth")
    loaded = knoll.load(tmp_path / "net.pth", map_location=knoll.device("cpu"))
    assert set(loaded) == set(net.state_dict())
    other.load_state_dict(loaded)
    x = np.random.default_rng(0).standard_normal((1, 3, 4, 4)).astype(np.float32)
    np.testing.assert_array_equal(net(x).detach().numpy(), other(x).detach().numpy())
    assert other.steps.item() == 7
    assert set(safetensors_file.load(tmp_path / "net.pth")[0]) == set(loaded)


def test_the_versions_of_modules_are_saved_with_a_state_dict(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    state = net.state_dict()
    knoll.save(state, tmp_path / "net")
    knoll.save({"model": state, "epoch": 3}, tmp_path / "checkpoint")
    for loaded in (knoll.load(tmp_path / "net"), knoll.load(tmp_path / "checkpoint")["model"]):
        assert loaded._metadata == state._metadata
        assert list(loaded) == list(state)
        del loaded["1.num_batches_tracked"]
        assert net.load_state_dict(loaded, strict=False).missing_keys == ["1.num_batches_tracked"]
    for name in ("net", "checkpoint"):
        assert read_weights(tmp_path / name).keys() == state.keys()


def test_loaded_numbers_can_be_changed(tmp_path: Path) -> None:
    knoll.save({"a": knoll.ones(2)}, tmp_path / "a")
    a = knoll.load(tmp_path / "a")["a"]
    a += 1
    assert a.tolist() == [2, 2]


def test_files_of_pytorch(torch: object, tmp_path: Path) -> None:
    theirs = torch.nn.Linear(3, 2)
    torch.save(theirs.state_dict(), tmp_path / "weights.pth")
    torch.save(theirs, tmp_path / "whole.pth")
    for name in ("weights.pth", "whole.pth"):
        ours = nn.Linear(3, 2)
        ours.load_state_dict(knoll.load(tmp_path / name, weights_only=False))
        np.testing.assert_array_equal(ours.weight.detach().numpy(), theirs.weight.detach().numpy())


def test_an_optimiser_is_refused_with_both_lines_to_type(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        knoll.save(optim.SGD(nn.Linear(3, 2).parameters()), tmp_path / "sgd")
    assert "A file cannot hold a whole SGD" in str(caught.value)
    assert f"knoll.save(x.state_dict(), '{tmp_path / 'sgd'}')" in str(caught.value)
    assert f"x.load_state_dict(knoll.load('{tmp_path / 'sgd'}'))" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        knoll.load(tmp_path / "none")


def test_names_keep_their_order(tmp_path: Path) -> None:
    mixed = {
        "z": knoll.ones(1),
        "b": knoll.ones(1).long(),
        "é": knoll.ones(1).double(),
        "a": knoll.ones(3).bool(),
        "\n": knoll.ones(2).half(),
    }
    knoll.save(mixed, tmp_path / "mixed")
    loaded = knoll.load(tmp_path / "mixed")
    assert list(loaded) == list(mixed)
    assert [(t.dtype, t.tolist()) for t in loaded.values()] == [(t.dtype, t.tolist()) for t in mixed.values()]
    net = get_model("mobilenet_v1_025")
    knoll.save(net.state_dict(), tmp_path / "net")
    assert list(knoll.load(tmp_path / "net")) == list(net.state_dict())


def test_other_programs_read_the_reordered_header(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy")
    given = {"z": np.arange(3, dtype=np.int8), "a": np.arange(4.0), "ü": np.ones((2, 0), np.float32)}
    safetensors_file.save(tmp_path / "w", given, {"note": "ü"})
    read = library.load_file(tmp_path / "w")
    assert read.keys() == given.keys()
    for name, array in given.items():
        np.testing.assert_array_equal(read[name], array)


def trained(library: Any, make: Any, images: np.ndarray, steps: int, state: Any = None) -> Any:
    """A network, its optimiser and its schedule after some steps from a saved state."""
    net = library.nn.Sequential(library.nn.Linear(4, 8), library.nn.ReLU(), library.nn.Linear(8, 2))
    optimizer = make(net.parameters())
    schedule = library.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], gamma=0.5)
    if state is not None:
        net.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
    for _ in range(steps):
        optimizer.zero_grad()
        (net(library.tensor(images)) ** 2).sum().backward()
        optimizer.step()
        schedule.step()
    return net, optimizer, schedule


OPTIMIZERS = {
    "SGD": lambda parameters: optim.SGD(parameters, lr=0.01, momentum=0.9),
    "Adam": lambda parameters: optim.Adam(parameters, lr=0.01, betas=(0.8, 0.99)),
    "AdamW": lambda parameters: optim.AdamW(parameters, lr=0.01),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(name: str, tmp_path: Path) -> None:
    images = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    make, path = OPTIMIZERS[name], tmp_path / "checkpoint.pth"
    net, optimizer, schedule = trained(knoll, make, images, 2)
    state = {
        "epoch": 2,
        "best": float("inf"),
        "model": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    knoll.save(state, path)
    read = knoll.load(path)
    assert (read["epoch"], read["best"], list(read)) == (2, float("inf"), list(state))
    assert list(read["optimizer"]["state"]) == [0, 1, 2, 3]
    assert read["optimizer"]["param_groups"] == optimizer.state_dict()["param_groups"]
    straight, _, steady = trained(knoll, make, images, 2, state)
    resumed, _, again = trained(knoll, make, images, 2, read)
    assert steady.get_last_lr() == again.get_last_lr()
    for one, other in zip(straight.parameters(), resumed.parameters(), strict=True):
        np.testing.assert_array_equal(one.detach().numpy(), other.detach().numpy())
    assert list(read_weights(path)) == list(net.state_dict())


def test_checkpoints_of_pytorch_come_whole(torch: Any, tmp_path: Path) -> None:
    images = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    net, optimizer, schedule = trained(torch, lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9), images, 2)
    state = {
        "epoch": 2,
        "model": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": {**schedule.state_dict(), "_begun": True},
    }
    torch.save(state, tmp_path / "checkpoint.pth")
    read = knoll.load(tmp_path / "checkpoint.pth")
    assert (read["epoch"], list(read)) == (2, list(state))
    theirs, _, _ = trained(torch, lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9), images, 1, state)
    ours, _, _ = trained(knoll, OPTIMIZERS["SGD"], images, 1, read)
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(one.detach().numpy(), other.detach().numpy(), rtol=1e-5)


def test_a_tensor_alone_and_a_list_of_them(tmp_path: Path) -> None:
    x = knoll.rand(2, 3)
    knoll.save(x, tmp_path / "x.pt")
    assert knoll.load(tmp_path / "x.pt").tolist() == x.tolist()
    knoll.save([x, 1, (x * 2, "名")], tmp_path / "list.pt")
    first, one, (second, name) = knoll.load(tmp_path / "list.pt")
    assert (first.tolist(), one, second.tolist(), name) == (x.tolist(), 1, (x * 2).tolist(), "名")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "['optimizer'] is a whole SGD"), ("zh", "['optimizer'] 是整个 SGD")]
)
def test_a_whole_object_in_a_checkpoint_is_refused(language: str, words: str, tmp_path: Path) -> None:
    knoll.set_language(language)
    optimizer = optim.SGD([knoll.zeros(1)], lr=0.1)
    with pytest.raises(ArgumentTypeError) as caught:
        knoll.save({"epoch": 1, "optimizer": optimizer}, tmp_path / "a")
    assert words in str(caught.value)
    assert "state_dict()" in str(caught.value)
    assert not list(tmp_path.iterdir())


VALUES = [{"w": [1.0, 2.0]}, {"epoch": 3, "model": {"w": [1.0]}, "done": (True, None)}]


def with_tensors(value: Any, tensor: Any) -> Any:
    """The value with its lists made tensors."""
    if isinstance(value, dict):
        return {name: with_tensors(part, tensor) for name, part in value.items()}
    return tensor(value) if isinstance(value, list) else value


@pytest.mark.parametrize("value", VALUES)
def test_open_files_are_written_and_read_where_they_stand(value: Any, tmp_path: Path) -> None:
    saved = with_tensors(value, knoll.tensor)
    knoll.save(saved, tmp_path / "path")
    buffer = io.BytesIO()
    buffer.write(b"before")
    knoll.save(saved, buffer)
    assert buffer.getvalue() == b"before" + (tmp_path / "path").read_bytes()
    buffer.seek(len(b"before"))
    assert repr(knoll.load(buffer)) == repr(saved)
    with (tmp_path / "file").open("w+b") as file:
        knoll.save(saved, file)
        file.seek(0)
        assert repr(knoll.load(file)) == repr(saved)
        assert not file.closed


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("value", VALUES)
def test_open_files_of_pytorch_are_read(value: Any, new: bool, torch: Any) -> None:
    buffer = io.BytesIO()
    torch.save(with_tensors(value, torch.tensor), buffer, _use_new_zipfile_serialization=new)
    buffer.seek(0)
    assert repr(knoll.load(buffer)) == repr(with_tensors(value, knoll.tensor))


class Pipe(io.RawIOBase):
    """A file that can only be read on."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


def test_a_pipe_is_read(tmp_path: Path) -> None:
    knoll.save({"w": knoll.ones(2)}, tmp_path / "w")
    assert knoll.load(Pipe((tmp_path / "w").read_bytes()))["w"].tolist() == [1, 1]


def test_files_open_as_text_are_told_how_to_open_them(tmp_path: Path) -> None:
    knoll.save({"w": knoll.ones(2)}, tmp_path / "w")
    with (tmp_path / "w").open(encoding="utf-8") as file, pytest.raises(ArgumentTypeError, match="is open as text"):
        knoll.load(file)
    with (tmp_path / "w").open("w", encoding="utf-8") as file, pytest.raises(ArgumentTypeError) as caught:
        knoll.save({"w": knoll.ones(2)}, file)
    assert "must be str, not bytes" in str(caught.value)
    assert "'wb')" in str(caught.value)
    with pytest.raises(ArgumentTypeError, match="StringIO is open as text"):
        knoll.load(io.StringIO("x"))


@pytest.mark.parametrize("f", [None, 3, b"path"])
def test_what_is_neither_path_nor_file_is_refused_in_pytorchs_words(f: Any, torch: Any) -> None:
    for ours, theirs in ((knoll.load, torch.load), (lambda g: knoll.save({}, g), lambda g: torch.save({}, g))):
        with pytest.raises(AttributeError) as expected:
            theirs(f)
        with pytest.raises(ArgumentTypeError) as got:
            ours(f)
        assert got.value.reason == str(expected.value)


@pytest.mark.parametrize("value", [{"\ud800": [1.0]}, {"a": {"\ud800": [1.0]}}, {"a": 10**5000}])
def test_what_no_file_can_hold_is_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match=r"can(not)? hold"):
        knoll.save(with_tensors(value, knoll.tensor), tmp_path / "w")
    assert list(tmp_path.iterdir()) == []


def test_a_closed_file_is_told(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    buffer.close()
    with pytest.raises(FileError, match="closed file"):
        knoll.load(buffer)
    with pytest.raises(FileError, match="closed file"):
        knoll.save({"w": knoll.ones(2)}, buffer)


def test_the_same_value_is_the_same_bytes() -> None:
    metadata = {name: name for name in "the order of these words"}
    parts = {b"".join(safetensors_file.parts_of({"x": np.ones(2)}, metadata)) for _ in range(9)}
    assert len(parts) == 1


def test_element_types_and_devices_are_held(tmp_path: Path) -> None:
    """Checkpoints have them among their settings, and modules among their attributes."""
    settings = {"dtype": knoll.float16, "device": knoll.device("cpu"), "other": knoll.device("cuda:1")}
    knoll.save(settings, tmp_path / "settings.pt", _use_new_zipfile_serialization=False)
    found = knoll.load(tmp_path / "settings.pt")
    assert found == settings
    assert knoll.zeros(1, dtype=found["dtype"]).dtype is knoll.float16 is found["dtype"]
    layer: Any = knoll.nn.Linear(2, 1)
    layer.device, layer.kind = knoll.device("cpu"), knoll.float32
    knoll.save(layer, tmp_path / "layer.pt")
    again = knoll.load(tmp_path / "layer.pt", weights_only=False)
    assert (again.device, again.kind) == (layer.device, knoll.float32)
    assert isinstance(again.device, knoll.device)
