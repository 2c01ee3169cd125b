from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentTypeError, FileError
from knoll.interop import safetensors_file


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


def test_a_whole_model_is_refused_with_both_lines_to_type(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        knoll.save(nn.Linear(3, 2), tmp_path / "net.pth")
    assert "A file of weights cannot hold a whole Linear" in str(caught.value)
    assert f"knoll.save(model.state_dict(), '{tmp_path / 'net.pth'}')" in str(caught.value)
    assert f"model.load_state_dict(knoll.load('{tmp_path / 'net.pth'}'))" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_or_read(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match="'name' is no array of numbers"):
        knoll.save({"name": "net"}, tmp_path / "a")
    with pytest.raises(FileError, match="cannot be read"):
        knoll.load(tmp_path / "none")
