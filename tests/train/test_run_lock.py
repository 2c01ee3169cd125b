"""Who trains in a run folder: one process, known while it lives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from knoll.errors import StateError
from knoll.train import job
from knoll.train.run_lock import lock_file, process_training_in, training_in

fcntl = pytest.importorskip("fcntl", reason="this system has no such locks")


def test_a_training_is_known_as_long_as_it_lasts(tmp_path: Path) -> None:
    assert process_training_in(tmp_path) is None
    with training_in(tmp_path):
        assert process_training_in(tmp_path) == os.getpid()
    assert process_training_in(tmp_path) is None
    with training_in(tmp_path):
        pass


def test_a_second_training_is_refused(tmp_path: Path) -> None:
    with training_in(tmp_path):
        with pytest.raises(StateError, match=r"(?s)Another process is training in .*Ctrl-C"), training_in(tmp_path):
            pass
        assert process_training_in(tmp_path) == os.getpid()


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, os, pathlib\nfrom knoll.train.run_lock import training_in\n"
        "with training_in(pathlib.Path(sys.argv[1])):\n print('locked', flush=True)\n sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        assert process_training_in(tmp_path) == process.pid
        process.kill()
        process.wait()
    assert process_training_in(tmp_path) is None
    assert json.loads(lock_file(tmp_path).read_text())["process"] == process.pid


@pytest.mark.parametrize("told", ["", "{", "[1]", '{"process": "1"}', '{"process": -1}', '{"process": 1, "host": "x"}'])
def test_a_lock_that_tells_nothing_names_no_process(tmp_path: Path, told: str) -> None:
    lock_file(tmp_path).write_text(told)
    with lock_file(tmp_path).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert process_training_in(tmp_path) is None


def test_a_folder_that_cannot_be_locked_is_trained_in_all_the_same(tmp_path: Path) -> None:
    with training_in(tmp_path / "nowhere"):
        assert process_training_in(tmp_path / "nowhere") is None


def test_a_training_is_not_resumed_while_it_runs(tmp_path: Path, console: Console) -> None:
    (tmp_path / "checkpoint.safetensors").touch()
    with training_in(tmp_path), pytest.raises(StateError, match="Another process is training"):
        job.resume(tmp_path, console)
