"""Knoll's exceptions are those of Python and PyTorch too."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import knoll
from knoll import errors, interop, nn
from knoll.errors import FileError, KnollError, MissingFileError, system_reason
from knoll.language import set_language
from knoll.train.run_folder import existing_run
from knoll.train.weights import load_network
from knoll.vision.datasets import ImageFolder, MaskedImages

CLASSES = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, KnollError)}


def test_the_tree_at_the_top_is_the_tree() -> None:
    drawn = dict(re.findall(r"─ (\w+) .*\(also an? (\w+)\)", errors.__doc__ or ""))
    assert set(drawn) == set(CLASSES) - {"KnollError"}
    for name, other in drawn.items():
        assert other in [base.__name__ for base in CLASSES[name].__mro__]


MISSING: dict[str, Callable[[Path], Any]] = {
    "load": knoll.load,
    "read_weights": interop.read_weights,
    "load_torch": interop.load_torch,
    "safetensors": interop.safetensors_file.load,
    "save": lambda path: knoll.save({"x": knoll.ones(1)}, path / "below"),
    "ImageFolder": ImageFolder,
    "MaskedImages": lambda path: MaskedImages(path, path),
    "run": existing_run,
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_not_there_is_told_as_python_tells_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="not-there") as caught:
        MISSING[name](tmp_path / "not-there")
    assert isinstance(caught.value, MissingFileError)


def test_a_folder_without_weights(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no weights"):
        load_network(tmp_path)


@pytest.mark.parametrize(
    "warned",
    [
        lambda: nn.MSELoss()(knoll.ones(4, 1), knoll.ones(4)),
        lambda: nn.Softmax()(knoll.ones(4, 2)),
        lambda: knoll.ones(1).std(),
        lambda: nn.functional.upsample(knoll.ones(1, 1, 2, 2), scale_factor=2),
    ],
)
def test_warnings_name_the_line_of_the_program(warned: Callable[[], object]) -> None:
    with pytest.warns(UserWarning, match=r"target size|Implicit dimension|degrees of freedom|deprecated") as found:
        warned()
    assert {warning.filename for warning in found} == {__file__}
    assert {warning.lineno for warning in found} == {warned.__code__.co_firstlineno}


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda: knoll.ones(2, 3) @ knoll.ones(2, 3), "got: (2, 3), (2, 3)\n  try: a @ b.mT"),
        (lambda: knoll.ones(2, 3).mm(knoll.ones(4, 2)), "expected: as many columns"),
        (lambda: knoll.cat([knoll.ones(2, 3), knoll.ones(2, 4)]), "along every axis but 0\n  got: (2, 3), (2, 4)"),
        (lambda: knoll.ones(2, requires_grad=True).numpy(), "try: x.detach().numpy()"),
        (lambda: knoll.ones(2, 3).T.view(-1), "try: x.reshape(...)"),
        (lambda: knoll.zeros(2, device="mps"), "device 'mps' does not exist here\n  try: name 'cpu'"),
        (lambda: knoll.tensor([1, 2]).mean(), "try: make it a float first: x.float()"),
        (lambda: nn.Conv2d(3, 6, 3, padding_mode="zero"), "try: 'zeros'"),
        (lambda: nn.Embedding(10, 3)(knoll.tensor([10])), "0 to 9: the table has 10 rows"),
        (lambda: knoll.optim.SGD(nn.ReLU().parameters()), "nn.ModuleList([...])"),
    ],
)
def test_what_learners_do_first_is_answered(mistake: Callable[[], object], told: str) -> None:
    with pytest.raises(KnollError) as error:
        mistake()
    assert told in str(error.value)


def test_the_systems_own_words_are_kept(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory") as caught:
        knoll.load(tmp_path)
    assert type(caught.value) is FileError
    assert caught.value.errno == errno.EISDIR
    with pytest.raises(FileNotFoundError) as missing:
        knoll.load(tmp_path / "net.pth")
    assert missing.value.errno == errno.ENOENT
    assert Path(missing.value.filename) == tmp_path / "net.pth"
    assert str(missing.value).startswith(f"{tmp_path}/net.pth cannot be read: No such file or directory")


def test_the_system_speaks_the_language_that_is_spoken() -> None:
    set_language("zh")
    assert system_reason(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) == "磁盘空间不足"
    assert system_reason(OSError(errno.ECHILD, "No child processes")) == "“No child processes”"
    set_language("en")
    assert system_reason(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) == "No space left on device"
    assert system_reason(OSError("cut off")) == "cut off"
    set_language(None)
