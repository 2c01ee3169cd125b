"""Downloads from a server on this machine: whole, resumed, wrong, and not at all."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knoll.errors import FileError
from knoll.vision.datasets.download import Download, fetch, is_whole

CONTENT = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT in the ways a mirror can fail, and notes what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str]] = []

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{way}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Ways: whole, cut (breaks off after 100,000 bytes), once (cut the first time), norange, other, short, missing."""

    server: Server

    def do_GET(self) -> None:
        way = self.path.strip("/")
        asked = self.headers.get("Range", "")
        again = any(path == way for path, _ in self.server.asked)
        self.server.asked.append((way, asked))
        if way == "missing":
            self.send_error(404)
            return
        content = {"other": CONTENT[::-1], "short": b"<html>busy</html>"}.get(way, CONTENT)
        start = 0 if way in ("norange", "short") else int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = way == "cut" or (way == "once" and not again)
        self.wfile.write(content[start : start + 100_000] if cut else content[start:])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def download(*mirrors: str) -> Download:
    return Download("data.bin", MD5, len(CONTENT), mirrors)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    wanted = download(server.url("whole"))
    for _ in range(2):
        path = fetch(wanted, tmp_path / "new", lambda done, total: steps.append((done, total)))
        assert path.read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert steps[0] == (0, len(CONTENT))
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert steps == sorted(steps)
    assert files(tmp_path / "new") == ["data.bin"]


def test_a_broken_connection_is_taken_up_again(server: Server, tmp_path: Path) -> None:
    assert is_whole(fetch(download(server.url("once")), tmp_path, lambda *_: None), download())
    assert server.asked == [("once", "bytes=0-"), ("once", "bytes=100000-")]


def test_the_next_mirror_goes_on_where_the_last_stopped(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENT[:250_000])
    fetch(download(server.url("missing"), server.url("whole")), tmp_path, lambda *_: None)
    assert server.asked[-1] == ("whole", "bytes=250000-")


def test_a_half_file_under_the_final_name_is_completed(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(CONTENT[:120_000])
    assert fetch(download(server.url("whole")), tmp_path, lambda *_: None).read_bytes() == CONTENT
    assert server.asked == [("whole", "bytes=120000-")]


def test_a_server_that_cannot_resume_starts_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENT[:1000])
    assert fetch(download(server.url("norange")), tmp_path, lambda *_: None).read_bytes() == CONTENT


def test_a_partial_file_of_something_else_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(b"?" * 5000)
    assert fetch(download(server.url("whole")), tmp_path, lambda *_: None).read_bytes() == CONTENT
    assert server.asked == [("whole", "bytes=5000-"), ("whole", "bytes=0-")]


def test_a_partial_file_that_is_too_long_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENT + b"?")
    assert fetch(download(server.url("whole")), tmp_path, lambda *_: None).read_bytes() == CONTENT


@pytest.mark.parametrize("wrong", ["other", "short", "missing"])
def test_a_mirror_with_another_file_is_passed_over(server: Server, tmp_path: Path, wrong: str) -> None:
    path = fetch(download(server.url(wrong), server.url("whole")), tmp_path, lambda *_: None)
    assert path.read_bytes() == CONTENT
    assert files(tmp_path) == ["data.bin"]


def test_what_every_mirror_answered_is_told(server: Server, tmp_path: Path) -> None:
    mirrors = [server.url(way) for way in ("missing", "other", "short")]
    nobody = "http://127.0.0.1:9/data.bin"
    with pytest.raises(FileError, match=r"data\.bin could not be downloaded from any mirror") as caught:
        fetch(download(*mirrors, nobody, "file:///etc/passwd"), tmp_path, lambda *_: None)
    text = str(caught.value)
    for words in ("404", MD5, "17 bytes instead of 300000", "refused", "not an http or https address"):
        assert words in text
    assert str(tmp_path / "data.bin") in text
    assert not (tmp_path / "data.bin").exists()


def test_what_came_is_kept_for_the_next_try(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENT[:70_000])
    with pytest.raises(FileError, match=r"http://127\.0\.0\.1:9/"):
        fetch(download("http://127.0.0.1:9/"), tmp_path, lambda *_: None)
    assert (tmp_path / "data.bin.part").read_bytes() == CONTENT[:70_000]


def test_a_mirror_that_always_breaks_off_gets_there_by_and_by(server: Server, tmp_path: Path) -> None:
    assert fetch(download(server.url("cut")), tmp_path, lambda *_: None).read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == ["bytes=0-", "bytes=100000-", "bytes=200000-"]


def test_a_bar_is_drawn_on_the_error_stream(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch(download(server.url("whole")), tmp_path)
    out, err = capsys.readouterr()
    assert out == ""
    assert "data.bin" in err


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        fetch(download(), tmp_path / "file" / "folder", lambda *_: None)


@pytest.mark.parametrize("name", ["data.bin", "data.bin.part"])
def test_a_folder_of_that_name_is_told_and_stays(server: Server, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(FileError, match=f"{name} cannot be written: Is a directory"):
        fetch(download(server.url("whole")), tmp_path, lambda *_: None)
    assert files(tmp_path) == [name]
    assert server.asked == []


@pytest.mark.parametrize(("call", "words"), [("Path.open", "cannot be read"), ("os.replace", "cannot be written")])
def test_what_the_system_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, words: str
) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "data.bin").write_bytes(CONTENT[::-1])
    monkeypatch.setattr(f"knoll.vision.datasets.download.{call}", refuse)
    with pytest.raises(FileError, match=f"data.bin {words}: Permission denied"):
        fetch(download(), tmp_path, lambda *_: None)
