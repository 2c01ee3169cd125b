"""The server: on this computer alone, and what is said where it cannot begin."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from knoll.cli.commands.lab import lab
from knoll.errors import FileError, UnsupportedError
from knoll.lab import serve as module
from knoll.lab.resources import Resources
from knoll.lab.serve import serve


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UnsupportedError, match="uvicorn") as error:
        serve(Resources(), 0, "en", print)
    assert error.value.advice == "pip install 'knoll[lab]'"


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(FileError, match="cannot be used"):
        serve(Resources(), taken.getsockname()[1], "en", print)


def test_only_this_computer_is_listened_to() -> None:
    with module._listening(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_a_run_stands_for_the_folder_that_it_lies_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "configuration.json").write_text("{}")
    served: list[Resources] = []
    monkeypatch.setattr(module, "serve", lambda resources, *_: served.append(resources))
    for runs in (tmp_path / "one", tmp_path):
        lab(runs=runs, no_browser=True)
    assert [resources.trainings.names() for resources in served] == [["one"], ["one"]]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_command_serves_until_ctrl_c() -> None:
    command = [sys.executable, "-m", "knoll", "lab", "--no-browser", "--lang", "en"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        told = running.stdout.readline()
        address = re.findall(r"http://127\.0\.0\.1:\d+/\?t=\S+", told)[0]  # as it is copied, up to the end of its line
        page = urllib.request.urlopen(address).read().decode()  # noqa: S310 (the address of the lab)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(address.partition("?")[0])  # noqa: S310 (of this machine)
        running.send_signal(signal.SIGINT)
        assert running.wait(20) in (0, 130, -signal.SIGINT)
    assert "<title>Knoll lab</title>" in page
