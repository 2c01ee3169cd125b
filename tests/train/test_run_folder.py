from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knoll.errors import FileError
from knoll.train import Configuration
from knoll.train.run_folder import existing_run, new_run

RECIPE = Configuration.recipe("digits")


def test_a_run_is_named_after_time_and_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert re.fullmatch(r"runs/\d{4}-\d\d-\d\d-\d{6}-digits", new_run("digits").path.as_posix())


def test_two_runs_never_share_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    paths = []
    for _ in range(3):
        run = new_run("digits", out)
        run.begin(RECIPE)
        paths.append(run.path.name)
    assert paths == ["mine", "mine-2", "mine-3"]


def test_of_trainings_that_begin_at_once_each_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for out in (None, tmp_path / "mine"):
        with ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda _: new_run("digits", out), range(16)))  # noqa: B023 (used within the loop)
        assert len({run.path for run in runs}) == 16


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    assert new_run("digits", tmp_path).path == tmp_path
    (tmp_path / "configuration.json").unlink()
    (tmp_path / "events.out.tfevents.1.host").touch()
    assert new_run("digits", tmp_path).path == tmp_path.with_name(tmp_path.name + "-2")


def test_the_configuration_is_kept(tmp_path: Path) -> None:
    run = new_run("digits", tmp_path / "a" / "b")
    run.begin(RECIPE)
    assert Configuration.from_json(run.configuration.read_text()) == RECIPE


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError) as caught:
        new_run("digits", tmp_path / "file" / "run")
    assert "cannot be made" in str(caught.value)
    assert "--out DIR" in str(caught.value)


def test_a_run_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No checkpoint found in"):
        existing_run(tmp_path)
    (tmp_path / "checkpoint.safetensors").touch()
    assert existing_run(tmp_path).path == tmp_path
    assert existing_run(tmp_path / "checkpoint.safetensors").path == tmp_path
