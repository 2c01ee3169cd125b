"""Weights on a server of this machine: fetched once, checked, read, and what is said where that fails."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import knoll
from knoll import hub, nn
from knoll.errors import ArgumentError, FileError, UnsupportedError
from knoll.utils import model_zoo
from served import serving


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path / "served") as url:
        yield url


@pytest.fixture
def published(tmp_path: Path, address: str) -> str:
    """The address of the weights of a layer."""
    knoll.manual_seed(3)
    file = tmp_path / "served" / "net.pth"
    knoll.save(nn.Linear(3, 2).state_dict(), file)
    name = f"net-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth"
    file.rename(file.with_name(name))
    return f"{address}/{name}"


def test_weights_are_fetched_once(published: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    net = nn.Linear(3, 2)
    net.load_state_dict(hub.load_state_dict_from_url(published, check_hash=True))
    kept = list((tmp_path / "home" / "hub" / "checkpoints").iterdir())
    assert [file.name for file in kept] == [published.rpartition("/")[2]]
    next((tmp_path / "served").iterdir()).unlink()
    again = model_zoo.load_url(published)
    assert again["weight"].tolist() == net.weight.tolist()


def test_another_sum_is_refused(published: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match='invalid hash value \\(expected "00"'):
        hub.download_url_to_file(published, tmp_path / "there", hash_prefix="00")
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("name", ["nothing.pth", "cut.pth"])
def test_what_cannot_be_fetched_says_how_to_do_it_by_hand(name: str, address: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=f"(?s)could not be downloaded.*put it at .*{name}"):
        hub.load_state_dict_from_url(f"{address}/{name}", str(tmp_path / "kept"))
    assert list((tmp_path / "kept").iterdir()) == []


def test_only_the_web_is_asked(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="could not be downloaded"):
        hub.download_url_to_file("file:///etc/hostname", tmp_path / "kept")


def test_programs_of_others_are_not_run() -> None:
    refused: Any = hub.load
    with pytest.raises(UnsupportedError, match=r"(?s)hub.load.*try: "):
        refused("pytorch/vision", "resnet18")


def test_a_bar_is_drawn_on_the_error_stream(published: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for progress in (True, False):
        hub.download_url_to_file(published, tmp_path / "net.pth", progress=progress)
        out, error = capfd.readouterr()
        assert (out, "net.pth" in error) == ("", progress)


def test_the_folder_can_be_set(tmp_path: Path) -> None:
    before = hub.get_dir()
    hub.set_dir(tmp_path)
    try:
        assert hub.get_dir() == str(tmp_path)
    finally:
        hub._dir.clear()
    assert hub.get_dir() == before
