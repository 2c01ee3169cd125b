"""The lessons run, and show what they say."""

from __future__ import annotations

import io
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.data import DataLoader
from knoll.train.events.protos import Event, GraphDef

LESSONS = Path(__file__).parents[2] / "examples" / "lessons"


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Callable[..., Any]]:
    """The `main` of a lesson, run where there is no data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(LESSONS)
    return lambda name: runpy.run_path(str(LESSONS / f"{name}.py"))["main"]


def written(folder: Path) -> dict[str, list[Any]]:
    """What TensorBoard would show, by tag: numbers, and sizes (height, width) of pictures."""
    found: dict[str, list[Any]] = {}
    (path,) = folder.glob("events.out.tfevents.*")
    data, place = path.read_bytes(), 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 8], "little")
        event = Event.FromString(data[place + 12 : place + 12 + length])
        place += 16 + length
        if event.graph_def:
            found["graph"] = [node.name for node in GraphDef.FromString(event.graph_def).node]
        for value in event.summary.value:
            size = (value.image.height, value.image.width)
            shown = size if value.HasField("image") else value.simple_value
            found.setdefault(value.tag, []).append((event.step, shown))
    return found


@pytest.mark.parametrize("name", [path.stem for path in sorted(LESSONS.glob("[0-9]*.py"))])
def test_every_lesson_is_on_a_page_of_the_site(name: str) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (LESSONS.parents[1] / "docs" / "lessons").glob("*.md")]
    assert sum(page.count(f"```{{lesson}} {name}\n") for page in pages) == 1


def test_every_lesson_is_in_both_tables_and_tested() -> None:
    names = sorted(path.stem for path in LESSONS.glob("[0-9]*.py"))
    assert len(names) == 22
    tests = Path(__file__).read_text(encoding="utf-8")
    for name in names:
        assert f'lesson("{name}")' in tests
        for table in ("README.md", "README.zh.md"):
            assert f"[{name}]({name}.py)" in (LESSONS / table).read_text(encoding="utf-8")


def test_own_data(lesson: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = lesson("01_own_data")(tmp_path / "pictures")
    assert found["first"] + found["second"] == found["both"]
    assert len(list((tmp_path / "pictures").iterdir())) == 10
    assert "sample 11 of both: a picture 32 wide and 32 high of class '1'" in capsys.readouterr().out


def test_transforms(lesson: Any, tmp_path: Path) -> None:
    assert lesson("03_transforms")(tmp_path / "logs") == {
        "tensor": (3, 32, 48),
        "square": (64, 64),
        "shorter": (96, 64),
        "crop": (3, 48, 48),
    }
    shown = written(tmp_path / "logs")
    assert shown["Resize"] == [(0, (64, 96))]
    assert shown["RandomCrop"] == [(step, (48, 48)) for step in range(4)]


def test_tensorboard(lesson: Any, tmp_path: Path) -> None:
    assert lesson("02_tensorboard")(tmp_path / "logs") == (32, 32, 3)
    shown = written(tmp_path / "logs")
    assert shown["train"] == [(1, (32, 32))]
    assert shown["y=3x"] == [(x, 3 * x) for x in range(100)]


def test_dataset(lesson: Any, tmp_path: Path) -> None:
    found = lesson("04_dataset")(tmp_path / "logs")
    assert found["length"] == 10_000
    assert found["shape"] == (3, 32, 32)
    assert found["range"][0] == 0
    assert 0.5 < found["range"][1] <= 1
    assert written(tmp_path / "logs")["test_set"] == [(step, (32, 32)) for step in range(10)]


def test_dataloader(lesson: Any, tmp_path: Path) -> None:
    found = lesson("05_dataloader")(tmp_path / "logs")
    assert found == {"steps": [156, 156], "all": [157, 16], "reordered": [True]}
    shown = written(tmp_path / "logs")
    for epoch in range(2):
        assert shown[f"Epoch: {epoch}"] == [(step, (256, 256)) for step in (0, 50, 100, 150)]


def test_module(lesson: Any) -> None:
    assert repr(lesson("06_module")()) == "tensor(2.)"


def test_convolution(lesson: Any) -> None:
    found = lesson("07_convolution")()
    assert {str(result.dtype) for result in found.values()} == {"int64"}
    assert {name: result.tolist() for name, result in found.items()} == {
        "stride 1": [[10, 12, 12], [18, 16, 16], [13, 9, 3]],
        "stride 2": [[10, 12], [13, 3]],
        "padding 1": [[1, 3, 4, 10, 8], [5, 10, 12, 12, 6], [7, 18, 16, 16, 8], [11, 13, 9, 3, 4], [14, 13, 9, 7, 4]],
    }


def test_conv2d(lesson: Any, tmp_path: Path) -> None:
    assert lesson("08_conv2d")(tmp_path / "logs") == {
        "input": (64, 3, 32, 32),
        "output": (64, 6, 30, 30),
        "reshaped": (128, 3, 30, 30),
        "last": (16, 6, 30, 30),
        "last reshaped": (32, 3, 30, 30),
        "steps": (157,),
    }
    shown = written(tmp_path / "logs")
    assert shown["input"][0] == (0, (256, 256))
    assert shown["output"][0] == (0, (480, 240))
    assert len(shown["features"]) == 4


def test_maxpool(lesson: Any, tmp_path: Path) -> None:
    found = lesson("09_maxpool")(tmp_path / "logs")
    assert found == {"ceil": [[2, 3], [5, 1]], "floor": [[2]], "32 rows": (10, 11)}
    assert written(tmp_path / "logs")["output"] == [(step, (80, 80)) for step in range(4)]


def test_activation(lesson: Any, tmp_path: Path) -> None:
    found = lesson("10_activation")(tmp_path / "logs")
    assert found["relu"] == [[1, 0], [0, 3]]
    assert found["relu of pictures is the same"]
    assert found["sigmoid of pictures"] == pytest.approx((0.5, 0.731), abs=1e-3)
    assert written(tmp_path / "logs").keys() == {"input", "output"}


def test_linear(lesson: Any) -> None:
    assert list(lesson("11_linear")().values()) == [(64, 3, 32, 32), (196_608,), (10,), (64, 3_072), (64, 10)]


def test_sequential(lesson: Any, tmp_path: Path) -> None:
    found = lesson("12_sequential")(tmp_path / "logs")
    assert found["output"] == (64, 10)
    assert found["shapes"][5:] == [(64, 4, 4), (1024,), (64,), (10,)]
    assert found["sight"] == [5, 6, 14, 16, 32, 36]
    assert found["parameters"] == [2_432, 25_632, 51_264, 65_600, 650]
    assert found["all parameters"] == 145_578
    assert found["multiply-adds"] == 12_354_176
    assert written(tmp_path / "logs")["graph"] == ["input", *(f"Sequential/{number}" for number in range(9))]


def test_loss(lesson: Any) -> None:
    np.testing.assert_allclose(lesson("13_loss")(), [2.0, 4 / 3, 1.1019], atol=5e-5)


def test_backward(lesson: Any) -> None:
    steepest = lesson("14_backward")()
    assert len(steepest) == 10
    assert min(steepest.values()) > 0


def test_optimizer(lesson: Any) -> None:
    first, second = lesson("15_optimizer")(epochs=2, count=60)
    assert second < first < 60 * np.log(10) * 1.1


def test_pretrained(lesson: Any) -> None:
    found = lesson("16_pretrained")()
    assert (found["beside"], found["added"], found["replaced"]) == ((1, 1000), (1, 10), (1, 10))
    assert found["left to learn"] == ["classifier.1.weight", "classifier.1.bias"]


def test_save_and_load(lesson: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = lesson("17_save_and_load")(tmp_path)
    assert found == {"same before": False, "same after": True, "epoch": 3, "same whole": True}
    assert "only made for a file that is trusted: knoll.nn.Conv2d" in capsys.readouterr().out


def test_train(lesson: Any, tmp_path: Path) -> None:
    course = lesson("18_train")(tmp_path / "logs", epochs=4, count=1_600, lr=0.05)
    assert course.steps == 100
    assert course.accuracies[-1] > 0.6
    assert course.losses[-1] < course.losses[0]
    shown = written(tmp_path / "logs")
    assert [step for step, _ in shown["train_loss"]] == [100]
    assert shown["test_loss"] == [(epoch + 1, pytest.approx(loss)) for epoch, loss in enumerate(course.losses)]
    assert len(shown["test_accuracy"]) == 4
    assert len(list((tmp_path / "logs").glob("practice_*.safetensors"))) == 4


def test_a_training_on_cifar10_has_782_steps_in_an_epoch() -> None:
    assert len(DataLoader(range(50_000), 64)) == 782


def test_device(lesson: Any) -> None:
    found = lesson("19_device")()
    assert found["device"] == "cpu"
    assert "leave .cuda() out" in found["answer"]


def test_test(lesson: Any, tmp_path: Path) -> None:
    Image.new("RGBA", (100, 80), (200, 10, 10, 128)).save(tmp_path / "airplane.png")
    train = lesson("18_train")
    train(tmp_path / "logs", epochs=1, count=64)
    shape, scores, best = lesson("20_test")(tmp_path / "airplane.png", tmp_path / "logs" / "practice_0.safetensors")
    assert shape == (3, 32, 32)
    assert len(scores) == 10
    assert best == int(np.argmax(scores))
    assert scores != lesson("20_test")(tmp_path / "airplane.png")[1]


def test_arguments(lesson: Any) -> None:
    found = lesson("21_arguments")()
    assert found["shapes"] == ((8, 8, 5, 5), (8, 8, 3, 3))
    assert found["parameters"] == (296, 296, 80)
    assert found["the same"]
    assert found["zeros"] == [0, 0, 1, 2, 3, 4, 0, 0]
    assert found["reflect"] == [3, 2, 1, 2, 3, 4, 3, 2]
    assert found["replicate"] == [1, 1, 1, 2, 3, 4, 4, 4]
    assert found["circular"] == [3, 4, 1, 2, 3, 4, 1, 2]


def test_unpooling(lesson: Any) -> None:
    found = lesson("22_unpooling")()
    assert found["largest"] == [[5, 8], [7, 9]]
    assert found["places"] == [[1, 6], [8, 11]]
    assert found["back"] == [[0, 5, 0, 0], [0, 0, 8, 0], [7, 0, 0, 9], [0, 0, 0, 0]]


def test_a_training_says_how_it_goes(lesson: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson("18_train")(tmp_path / "logs", epochs=2, count=6_400)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "6400 images to train on, 6400 to test with, 100 steps in an epoch"
    assert [line.partition(":")[0] for line in lines[1:-1]] == ["step 100", "epoch 1", "step 200", "epoch 2"]
    assert lines[-1] == f"to see the curves: tensorboard --logdir {tmp_path / 'logs'}"


def test_pictures_of_cifar10_are_taken_where_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lesson: Any
) -> None:
    (tmp_path / "data" / "cifar-10-batches-py").mkdir(parents=True)
    with pytest.raises(Exception, match="Dataset not found or corrupted"):
        lesson("04_dataset")(tmp_path / "logs")


def test_pictures_are_stored_whole(lesson: Any, tmp_path: Path) -> None:
    lesson("02_tensorboard")(tmp_path / "logs")
    (path,) = (tmp_path / "logs").glob("events.out.tfevents.*")
    start = path.read_bytes().index(b"\x89PNG")
    assert Image.open(io.BytesIO(path.read_bytes()[start:])).size == (32, 32)
