"""Trainings on a page: what their folders hold, also while it is written, and nothing outside of them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.lab.client import reached
from tests.lab.run_folders import add_epoch, write_run

from knoll.errors import ArgumentError, EntryError
from knoll.lab.live import Live
from knoll.lab.resources import Resources
from knoll.lab.runs import Runs
from knoll.lab.setting import Setting
from knoll.lab.views.training import TrainingView, training_view
from knoll.messages import LANGUAGES, Language, speaking
from knoll.train.event_reader import EventReader
from knoll.train.events import EventFile
from knoll.train.run_lock import training_in


def shown(folder: Path | None, language: Language = "en", **options: str) -> TrainingView:
    with speaking(language):
        return training_view(Setting.of(options, language), Resources(runs=folder))


def test_a_folder_without_runs_says_how_to_begin_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", None):
        found = shown(folder)
        assert found.names == ()
        assert "knoll train" in found.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_shows_all_that_it_has_written(tmp_path: Path, language: Language) -> None:
    path = write_run(tmp_path, "one")
    finding = {"rule": "step-size", "what": {"en": "Too <large>.", "zh": "太 <大>。"}, "why": {}, "fix": None}
    (path / "diagnosis.json").write_text(json.dumps({"losses": [1.0], "findings": [finding]}), encoding="utf-8")
    found = shown(tmp_path, language)
    assert (found.run, found.state) == ("one", "complete")
    assert "25.0%" in found.html
    assert found.html.count("<svg") >= 4  # loss, accuracy, weights, gradients
    assert "data:image/png;base64," in found.html
    assert {"en": "Too &lt;large&gt;.", "zh": "太 &lt;大&gt;。"}[language] in found.html


@pytest.mark.parametrize(
    ("epochs", "saved", "state"), [(0, False, "empty"), (1, True, "stopped"), (2, True, "complete")]
)
def test_how_a_run_stands(tmp_path: Path, epochs: int, saved: bool, state: str) -> None:
    write_run(tmp_path, "one", epochs, saved=saved)
    found = shown(tmp_path)
    assert found.state == state
    assert ('data-post="resume"' in found.html) is (state == "stopped")
    assert 'data-post="stop"' not in found.html


def test_a_run_that_is_trained_now_can_be_stopped_and_not_resumed(tmp_path: Path) -> None:
    path = write_run(tmp_path, "one", 1)
    with training_in(path):
        found, runs = shown(tmp_path), Runs(tmp_path)
        assert found.state == "running"
        assert 'data-post="stop"' in found.html
        with pytest.raises(ArgumentError, match="cannot be gone on with: running"):
            runs.resume("one")
        with pytest.raises(ArgumentError, match="No process of this computer"):
            runs.stop("one")  # the process is this one
    with pytest.raises(ArgumentError, match="No process of this computer"):
        runs.stop("one")


def test_runs_are_compared(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_run(tmp_path, name)
    found = shown(tmp_path, **{"run": "a", "with": "b/nowhere/a/c"})
    assert found.names == ("c", "b", "a")
    assert (found.run, found.compared) == ("a", ("b", "c"))
    for name in "abc":
        assert f"loss, test images · {name}" in found.html
    assert "loss, each batch" not in found.html


def test_every_state_of_a_run_that_is_being_written_is_read(tmp_path: Path) -> None:
    whole = write_run(tmp_path / "whole", "one")
    events = next(whole.glob("events*"))
    data, configuration = events.read_bytes(), (whole / "configuration.json").read_bytes()
    growing = tmp_path / "runs" / "one"
    growing.mkdir(parents=True)
    resources = Resources(runs=tmp_path / "runs")
    for part in np.linspace(0, 1, 24):
        (growing / events.name).write_bytes(data[: round(part * len(data))])
        (growing / "configuration.json").write_bytes(configuration[: round(part * len(configuration))])
        (growing / "diagnosis.json").write_bytes(b'{"findings": [{"what": 3}, 5], "losses": 7}'[: round(43 * part)])
        found = training_view(Setting.of({}), resources)
        assert found.run == "one"
    assert found.state == "complete"
    assert "25.0%" in found.html


def test_damage_is_told_and_what_stands_before_it_is_shown(tmp_path: Path) -> None:
    path = write_run(tmp_path, "one")
    with next(path.glob("events*")).open("ab") as file:
        file.write(bytes([3, *[0] * 11, 255, 255, 255, *[0] * 4]))
    found = shown(tmp_path)
    assert "Part of this run cannot be read" in found.html
    assert "25.0%" in found.html


@pytest.mark.parametrize("name", ["..", ".", "/etc", "nowhere", "../secret", "one/../../secret", "link"])
def test_nothing_outside_of_the_folder_is_a_run(tmp_path: Path, name: str) -> None:
    write_run(tmp_path, "secret")
    write_run(tmp_path / "runs", "one")
    (tmp_path / "runs" / "link").symlink_to(tmp_path / "secret")
    runs = Runs(tmp_path / "runs")
    for way in (runs.run, runs.events, runs.stop, runs.resume, runs.diagnosis):
        with pytest.raises(EntryError, match="no run"):
            way(name)


def test_a_run_in_which_nothing_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_run(tmp_path, "one", 1, of=3)
    runs, read = Runs(tmp_path), []
    monkeypatch.setattr(EventReader, "read", lambda self: read.append(self.path))
    for _ in range(3):
        assert runs.run("one").state == "stopped"
    assert read == [path]
    (path / "checkpoint.safetensors").unlink()
    assert runs.run("one").state == "empty"
    assert read == [path, path]


def test_the_server_answers_for_runs_in_both_languages(tmp_path: Path) -> None:
    write_run(tmp_path, "one", 1)
    client = reached(Resources(runs=tmp_path))
    assert client.get("/view/training").json()["state"] == "stopped"
    refused = client.post("/run/stop?run=one&language=zh")
    assert (refused.status_code, refused.json()) == (400, {"error": "这台电脑上没有进程在 one 中训练。"})
    assert client.post("/run/delete?run=one").status_code == 404
    assert client.get("/run/stop?run=one").status_code == 405
    assert client.post("/run/stop?run=..").status_code == 400


def test_the_view_is_rendered_anew_each_time(tmp_path: Path) -> None:
    client = reached(Resources(runs=tmp_path))
    assert client.get("/view/training").json()["names"] == []
    write_run(tmp_path, "one")
    assert client.get("/view/training").json()["names"] == ["one"]


def test_a_stream_tells_when_something_changed_and_nothing_else(tmp_path: Path) -> None:
    path = write_run(tmp_path, "one", 1)
    resources = Resources(runs=tmp_path)

    async def events() -> list[str]:
        stream = Live(resources, lambda _: "en")._changes(["one"], resources.trainings.version(["one"]))
        told = [await anext(stream), await anext(stream)]
        with next(path.glob("events*")).open("ab") as file:
            file.write(b"more")
        told += [await anext(stream), await anext(stream)]
        write_run(tmp_path, "two")
        told.append(await anext(stream))
        resources.ending.set()
        return [*told, *[each async for each in stream]]

    first, *others = asyncio.run(events())
    assert first.startswith("retry:")
    assert [each.startswith("event: changed") for each in others] == [False, True, False, True]


def test_what_was_written_before_the_stream_began_is_told_as_well(tmp_path: Path) -> None:
    path = write_run(tmp_path, "one", 1, of=3)
    resources = Resources(runs=tmp_path)
    view = training_view(Setting.of({"run": "one"}), resources)
    add_epoch(path, 2, 0.875)

    async def events() -> list[str]:
        stream = Live(resources, lambda _: "en")._changes(["one"], view.version)
        told = [await anext(stream), await anext(stream), await anext(stream)]
        resources.ending.set()
        return told

    assert [each.startswith("event: changed") for each in asyncio.run(events())] == [False, True, False]


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Begins a training that lasts long, in the folder runs/one; it is ended with the test."""
    processes: list[subprocess.Popen[bytes]] = []
    monkeypatch.chdir(tmp_path)

    def begin() -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "knoll", "train", "--epochs", "100000", "--out", "runs/one"]
        processes.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def waited_for(runs: Runs, state: str) -> None:
    """Wait until the run is in this state."""
    for _ in range(600):
        if "one" in runs.names() and runs.run("one").state == state:
            return
        time.sleep(0.05)
    pytest.fail(f"the run is not {state}: {runs.run('one')}, {runs.said('one')}")


def test_a_training_is_stopped_and_goes_on(begun: Callable[[], subprocess.Popen[bytes]], tmp_path: Path) -> None:
    process, runs = begun(), Runs(tmp_path / "runs")
    waited_for(runs, "running")
    while not runs.run("one").step:
        time.sleep(0.05)
    runs.stop("one")
    assert process.wait(60) == 128 + signal.SIGINT
    waited_for(runs, "stopped")
    before = runs.run("one")
    runs.resume("one")
    assert runs.run("one").state in ("starting", "running")
    waited_for(runs, "running")
    again = runs.run("one").process
    assert again is not None
    try:
        while runs.run("one").step <= before.step:
            time.sleep(0.05)
        runs.stop("one")
        waited_for(runs, "stopped")
    finally:
        runs.close()
    assert runs.run("one").step > before.step
    with pytest.raises(ProcessLookupError, match="process"):
        os.kill(again, 0)


def test_what_a_process_said_is_shown_when_it_fails(tmp_path: Path) -> None:
    write_run(tmp_path, "one", 1)  # its checkpoint is empty
    runs = Runs(tmp_path)
    runs.resume("one")
    while runs.run("one").state in ("starting", "running"):  # it has the lock of the folder before it fails
        time.sleep(0.05)
    assert "checkpoint.safetensors" in runs.said("one")
    assert "What the process said" in training_view(Setting.of({}), Resources(runs=tmp_path)).html
    runs.close()


def test_pictures_that_are_too_large_are_left_out(tmp_path: Path) -> None:
    path = write_run(tmp_path, "one")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (1200, 1200, 3), np.uint8))
    size = io.BytesIO()
    noise.save(size, "PNG")
    assert len(size.getvalue()) > 2 << 20
    file = EventFile(path, 100)
    file.image("feature maps/0 Conv2d", noise, 100)
    file.close()
    assert "data:image/png" not in shown(tmp_path).html
