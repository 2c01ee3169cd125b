"""Weights of any known kind, told by content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knoll.errors import DataError, FileError
from knoll.interop import read_weights, safetensors_file


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    safetensors_file.save(tmp_path / "weights.pth", {"x": np.arange(3.0)})
    assert read_weights(tmp_path / "weights.pth")["x"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("new", [True, False])
def test_files_of_pytorch_are_known(torch: Any, tmp_path: Path, new: bool) -> None:
    torch.save({"x": torch.arange(3)}, tmp_path / "w.safetensors", _use_new_zipfile_serialization=new)
    assert read_weights(tmp_path / "w.safetensors")["x"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"\x08\x06pytorch", "begins with 08 06 70 79"),
        (b"", "begins with –"),
    ],
)
def test_other_files_are_told_for_what_they_are(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(DataError, match="is not a file of weights") as caught:
        read_weights(tmp_path / "w.pth")
    assert words in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"w\.pth cannot be read: No such file"):
        read_weights(tmp_path / "w.pth")


def test_data_and_weights_load_neither_pillow_nor_rich_nor_torch() -> None:
    program = (
        "import sys, knoll.data, knoll.vision, knoll.interop; print({'PIL', 'rich', 'torch'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
