from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.cli import commands, main
from knoll.errors import FileError
from knoll.interop import safetensors_file
from knoll.messages import LANGUAGES, Language, catalogue
from knoll.nn.init.skip import skip_init
from knoll.run.show import STAGES
from knoll.train import Source, Watcher, job
from knoll.vision.datasets import ArrayImages, Digits
from knoll.vision.models import list_models
from knoll.vision.transforms import ToTensor

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KNOLL_DEBUG", "KNOLL_SHOW"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Source:
    """The command trains on 100 digits and tests with 20."""

    def part(train: bool, count: int) -> ArrayImages:
        digits = Digits(train=train)
        return ArrayImages(digits.images[:count], np.array(digits.targets[:count]), ToTensor(), None)

    source = Source(part(True, 100), part(False, 20), tuple("0123456789"))
    monkeypatch.setattr(job, "source", lambda *_: source)
    return source


def arrays(path: str) -> dict[str, Any]:
    return safetensors_file.load(path)[0]


def test_the_version(capsys: Output) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == knoll.__version__


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Options", "Learning rate", "Ctrl-C saves"]), ("zh", ["选项", "学习率", "按 Ctrl-C 会保存"])],
)
def test_help_in_both_languages(capsys: Output, language: str, words: list[str]) -> None:
    assert main(["train", "--help", "--lang", language]) == 0
    shown = re.sub(r"[\s│]+", " ", capsys.readouterr().out)
    for word in [*words, "--data", "--resume", "--weight-decay"]:
        assert word in shown
    assert main(["--help", f"--lang={language}"]) == 0
    shown = capsys.readouterr().out
    assert {"en": "Show this help.", "zh": "显示此帮助。"}[language] in shown
    assert "predict" in shown


def test_a_file_in_commands_is_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    file = tmp_path / "greet.py"
    file.write_text(
        "from knoll.cli.options import COMMON, Common\n"
        "def greet(name: str, *, common: Common = COMMON) -> int:\n"
        "    print('hello', name)\n"
        "    return 3\n"
    )
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    monkeypatch.setitem(catalogue("cli"), "greet", {"en": "Greet somebody.", "zh": "打招呼。"})
    monkeypatch.delitem(sys.modules, "knoll.cli.commands.greet", raising=False)
    assert main(["greet", "Ada", "--lang", "en"]) == 3
    assert capsys.readouterr().out == "hello Ada\n"
    assert main(["--help", "--lang", "zh"]) == 0
    assert "打招呼。" in capsys.readouterr().out
    assert main(["greet"]) == 1
    assert "--name" in capsys.readouterr().err or "NAME" in capsys.readouterr().err


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_every_stage_that_can_be_shown(language: Language, capsys: Output) -> None:
    assert main(["show", "--help", "--lang", language]) == 0
    words = re.findall("[a-z]+", capsys.readouterr().out)
    assert set(STAGES) <= {*words}


@pytest.mark.parametrize("command", ["explain", "animate", "check", "solve", "draw", "show"])
def test_the_help_offers_no_option_for_nothing(command: str, capsys: Output) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--input" in shown
    assert "--empty" not in shown


def test_training_says_where_everything_is_and_what_comes_next(few: Source, capsys: Output) -> None:
    assert main(["train", "--epochs", "2", "--out", "run"]) == 0
    shown = capsys.readouterr().out
    for words in ("145,578", "12,354,176", "epoch 2/2", "Test accuracy", "of 20 images", "run/weights.safetensors"):
        assert words in shown
    assert "knoll predict run run/example.png" in shown
    assert "tensorboard --logdir run" in shown
    names = {path.name.split(".")[0] for path in Path("run").iterdir()}
    assert names - {"training"} == {"checkpoint", "configuration", "diagnosis", "events", "example", "weights"}
    assert json.loads(Path("run/configuration.json").read_text())["epochs"] == 2

    assert main(["predict", "run", "run/example.png"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("run/example.png\n")
    assert len(re.findall(r"^  \d +\d+\.\d%", shown, re.MULTILINE)) == 3


def test_the_same_command_ends_with_the_same_bits(few: Source) -> None:
    for out in ("first", "second"):
        assert main(["train", "--epochs", "1", "--out", out]) == 0
    first, second = (arrays(f"{out}/checkpoint.safetensors") for out in ("first", "second"))
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


class Interrupting(Watcher):
    """Sends what Ctrl-C sends, after a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def stepped(self, trainer: Any, batch: Any) -> None:
        if trainer.step == self.step:
            os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_saves_and_a_resumed_run_ends_with_the_same_bits(
    few: Source, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["train", "--epochs", "3", "--batch-size", "16", "--out", "whole"]) == 0
    before = job.ProgressWatcher.stepped

    def stepped(self: Any, trainer: Any, batch: Any) -> None:
        before(self, trainer, batch)
        Interrupting(step=10).stepped(trainer, batch)

    monkeypatch.setattr(job.ProgressWatcher, "stepped", stepped)
    handler = signal.getsignal(signal.SIGINT)
    assert main(["train", "--epochs", "3", "--batch-size", "16", "--out", "part"]) == 130
    assert signal.getsignal(signal.SIGINT) is handler
    shown = capsys.readouterr().out
    assert "Stopped in epoch 2, after step 10" in shown
    assert "knoll train --resume part" in shown

    monkeypatch.setattr(job.ProgressWatcher, "stepped", before)
    assert main(["train", "--resume", "part"]) == 0
    for name in ("weights", "checkpoint"):
        ends = [arrays(f"{run}/{name}.safetensors") for run in ("whole", "part")]
        assert ends[0].keys() == ends[1].keys()
        assert all(np.array_equal(ends[0][key], ends[1][key]) for key in ends[0])
    assert len(list(Path("part").glob("events.*"))) == 2

    assert main(["train", "--resume", "part"]) == 1
    assert "complete: all 3 epochs are done" in capsys.readouterr().err


def test_a_resumed_run_keeps_its_configuration(few: Source, capsys: Output) -> None:
    assert main(["train", "--epochs", "1", "--out", "run"]) == 0
    assert main(["train", "--resume", "run", "--lr", "0.5", "--seed", "3", "--epochs", "2"]) == 1
    shown = capsys.readouterr().err
    assert "cannot be changed by --lr, --seed, --epochs" in shown
    assert "without --resume" in shown


def test_more_epochs_where_the_rate_is_constant(few: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    recipes = job.Configuration.recipe.__func__
    monkeypatch.setattr(
        job.Configuration, "recipe", classmethod(lambda cls, data, **c: recipes(cls, data, **c, schedule="constant"))
    )
    assert main(["train", "--epochs", "2", "--out", "whole"]) == 0
    assert main(["train", "--epochs", "1", "--out", "part"]) == 0
    assert main(["train", "--resume", "part", "--epochs", "2"]) == 0
    ends = [arrays(f"{run}/weights.safetensors") for run in ("whole", "part")]
    assert all(np.array_equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_a_run_in_the_folder_of_an_older_one(few: Source, capsys: Output) -> None:
    assert main(["train", "--epochs", "1", "--out", "run"]) == 0
    before = Path("run/weights.safetensors").read_bytes()
    assert main(["train", "--epochs", "1", "--out", "run", "--seed", "1"]) == 0
    assert "run holds an older run, which stays as it is; this one is written to run-2" in capsys.readouterr().out
    assert Path("run/weights.safetensors").read_bytes() == before
    assert Path("run-2/weights.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("train --lr nan", "Invalid learning rate: nan"),
        ("train --epochs -3", "got: -3"),
        ("train --epochs three", "--epochs must be a whole number"),
        ("train --lr fast", "--lr must be a number"),
        ("train --lr 1 --lr 2", "--lr is given more than once"),
        ("train --optimizer lion", "one of sgd, adam, adamw"),
        ("train --data mnist", "one of digits, cifar10, folder"),
        ("train --data cifar10", "--root DIR"),
        ("train --data cifar10 --root nowhere", "not found or corrupted"),
        ("train --data folder --root nowhere", "cannot be read"),
        ("train --threads 0", "0"),
        ("train --resume nowhere", "No checkpoint found in nowhere"),
        ("train --lang fr", "'fr'"),
        ("train --fast", "no option --fast"),
        ("predict nowhere.pth x.png", "cannot be read"),
        ("show graph --batch 0", "batch of 0"),
        ("show qqq", "networks alexnet, convnext_base,"),
        ("show plann", "try: plan"),
        ("show resnet", "one of the networks that Knoll has"),
        ("show resnet", "try: resnet"),
        ("show plann", "plann is no network and no stage"),
        ("show graph plan", "stages graph, passes, plan,"),
        ("show lenet unet graph --lang zh", "一次只能显示一个网络"),
    ],
)
def test_errors_are_sentences_and_leave_nothing_behind(capsys: Output, arguments: str, words: str) -> None:
    assert main(arguments.split()) == 1
    shown = capsys.readouterr()
    assert words in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("show resnet18 --fromat json", ["no option --fromat", "--batch", "try: --format", "knoll show --help"]),
        ("solve 32x32 16x16", ["16x16", "quotes", 'knoll solve "32x32 -> 16x16"']),
        ("solve --kernel", ["no value was given for --kernel", "knoll solve --help"]),
        ("explain ReLU --input -3x3x3", ["no value was given for --input", "knoll explain --help"]),
        ("explain", ["no value was given for --layer", "knoll explain --help"]),
        ("explain SGD(lr=0.1) --input 3x3", ["explained without an input", "try: knoll explain"]),
        ("explain StepLR(3) 3x3", ["explained without an input"]),
        ("sohw", ["there is no command sohw", "animate, bench, check,", "try: show", "knoll --help"]),
        ("explain ReLU --format pdf", ["--format cannot be pdf", "text, markdown, html, json", "knoll explain --help"]),
    ],
)
def test_a_slip_of_the_keyboard_is_told_with_the_help_of_its_command(
    capsys: Output, arguments: str, expected: list[str]
) -> None:
    assert main(arguments.split()) == 1
    said = capsys.readouterr().err
    assert [word for word in expected if word not in said] == []


@pytest.mark.parametrize(
    "arguments",
    [
        *("sohw", "show nope", "show --fast", "train --epochs three", "train --epochs 0", "train --lr fast"),
        *("train --lr 1 --lr 2", "explain ReLU --format pdf", "explain", "solve 32x32 16x16", "train --data cifar10"),
        *("train --resume nowhere", "predict nowhere.pth x.png", "train --data mnist"),
    ],
)
def test_a_slip_is_told_in_chinese(capsys: Output, arguments: str) -> None:
    assert main([*arguments.split(), "--lang", "zh"]) == 1
    said = capsys.readouterr().err
    assert re.search("[\u4e00-\u9fff]", said.splitlines()[0])
    assert not re.search("[a-z]+ [a-z]+ [a-z]+", re.sub("knoll [a-z]+", "", said)), said


def test_weights_that_only_words_are_asked_of_take_no_memory() -> None:
    program = (
        "from pathlib import Path\n"
        "from knoll.cli import main\n"
        "assert main(['explain', 'Conv2d(16384, 16384, 1)']) == 0\n"
        "status = Path('/proc/self/status').read_text()\n"
        "assert int(status.split('VmHWM:')[1].split()[0]) < 512 << 10\n"  # KiB; the weights alone are 1 GiB
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_an_option_is_offered_only_for_one_that_is_written_like_it(capsys: Output) -> None:
    assert main(["show", "resnet18", "--kernel", "3x32x32"]) == 1
    assert "try:" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [["3x8x8"], ["--input", "3x8x8"], ["--input=(3, 8, 8)"]])
@pytest.mark.parametrize(
    "command",
    ["explain", "check", "show", "solve", "draw --out net.svg", "animate --out net.html"],
)
@pytest.mark.parametrize("target", ["net.py:Net", "Sequential(Conv2d(3, 4, 3), ReLU())"])
def test_targets_and_shapes_are_written_alike_in_all_commands(target: str, command: str, words: list[str]) -> None:
    Path("net.py").write_text("from knoll import nn\nNet = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())\n")
    name, *options = command.split()
    assert main([name, target, *words, *options]) == 0


@pytest.mark.parametrize(
    ("arguments", "example"),
    [
        (["explain", "Sequential(Linear(12, 3), ReLU())"], '"Sequential(Linear(12, 3), ReLU())" --input 12'),
        (["check", "Conv2d(1, 4, 3)"], 'knoll check "Conv2d(1, 4, 3)" --input 1x32x32'),
        (["show", "Conv2d(3, 4, 3)"], 'knoll show "Conv2d(3, 4, 3)" --input 3x32x32'),
        (["draw", "ReLU()"], 'knoll draw "ReLU()" --input 3x32x32'),
    ],
)
def test_a_missing_shape_is_told_with_an_example(capsys: Output, arguments: list[str], example: str) -> None:
    assert main(arguments) == 1
    assert example in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--lang", "zh"], ["--language", "zh"], ["--language=zh"]])
def test_the_option_of_the_language_has_two_names(capsys: Output, option: list[str]) -> None:
    assert main(["explain", "Conv2", *option]) == 1
    assert "建议：Conv2d" in capsys.readouterr().err


def test_debug_shows_where_an_error_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match="nowhere"):
        main(["train", "--resume", "nowhere", "--debug"])
    monkeypatch.setenv("KNOLL_DEBUG", "1")
    with pytest.raises(FileError, match="nowhere"):
        main(["train", "--resume", "nowhere"])
    monkeypatch.setenv("KNOLL_DEBUG", "0")
    assert main(["train", "--resume", "nowhere"]) == 1


def test_a_folder_that_cannot_be_written(few: Source, capsys: Output) -> None:
    Path("file").touch()
    assert main(["train", "--out", "file/run"]) == 1
    assert "cannot be made" in capsys.readouterr().err


def test_a_damaged_checkpoint(few: Source, capsys: Output) -> None:
    assert main(["train", "--epochs", "1", "--out", "run"]) == 0
    path = Path("run/checkpoint.safetensors")
    path.write_bytes(path.read_bytes()[:1000])
    assert main(["train", "--resume", "run"]) == 1
    assert "is not a complete safetensors file" in capsys.readouterr().err


def full(*_: object) -> None:
    raise FileError("run/x cannot be written: No space left on device.")


def test_a_disk_that_is_full_for_a_while_costs_no_training(
    few: Source, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []

    def save(path: Path, trainer: Any) -> None:
        saved.append(trainer.epoch)
        if trainer.epoch == 1:
            full()

    monkeypatch.setattr(job, "save_checkpoint", save)
    assert main(["train", "--epochs", "2", "--out", "run"]) == 0
    assert saved == [0, 1, 2]
    assert "This epoch could not be saved" in capsys.readouterr().out


@pytest.mark.parametrize("epoch", [0, 2])
def test_a_full_disk_is_told_before_the_first_step_and_after_the_last(
    few: Source, capsys: Output, monkeypatch: pytest.MonkeyPatch, epoch: int
) -> None:
    monkeypatch.setattr(job, "save_weights", lambda _, trainer: full() if trainer.epoch == epoch else None)
    assert main(["train", "--epochs", "2", "--out", "run"]) == 1
    shown = capsys.readouterr()
    assert "No space left on device" in shown.err
    assert ("epoch 1/2" in shown.out) == (epoch == 2)


def test_events_that_cannot_be_written_cost_no_training(
    few: Source, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    from knoll.train.events import EventFile

    monkeypatch.setattr(EventFile, "scalar", full)
    assert main(["train", "--epochs", "1", "--out", "run"]) == 0
    assert capsys.readouterr().out.count("events are no longer written") == 1


def test_other_pictures_are_still_seen_where_one_is_broken(few: Source, capsys: Output) -> None:
    assert main(["train", "--epochs", "1", "--out", "run"]) == 0
    Path("text.png").write_text("no picture")
    Image.new("RGBA", (40, 40)).save("clear.png")
    capsys.readouterr()
    assert main(["predict", "run", "text.png", "clear.png", "nowhere.png"]) == 1
    shown = capsys.readouterr()
    assert "cannot identify image file" in shown.err
    assert "nowhere.png cannot be read" in shown.err
    assert (
        "clear.png\n  note: converted from RGBA to RGB\n"
        "  note: 1600 of its 1600 pixels are transparent: the colours stored beneath them are taken, as in training.\n"
        "  note: resized from 40×40 to 32×32 (rows × columns)\n" in shown.out
    )


def test_another_network_is_trained_and_its_weights_say_which_it_is(few: Source, capsys: Output) -> None:
    assert main(["train", "--model", "lenet", "--epochs", "1", "--out", "run"]) == 0
    assert "AvgPool2d(2)" in capsys.readouterr().out
    assert main(["predict", "run", "run/example.png"]) == 0
    assert "example.png" in capsys.readouterr().out
    assert main(["train", "--resume", "run", "--model", "practice"]) == 1
    assert "cannot be changed by --model" in capsys.readouterr().err


def test_a_network_that_says_something_of_each_pixel_is_shown_and_not_trained_here(capsys: Output) -> None:
    assert main(["show", "graph", "--model", "segnet_vgg11", "--batch", "1"]) == 0
    assert capsys.readouterr().out.count("max_unpool2d(") == 5
    assert main(["train", "--model", "segnet_vgg11"]) == 1
    assert "one of alexnet, convnext_base," in capsys.readouterr().err
    assert main(["show", "graph", "--model", "segnet"]) == 1
    assert "segnet_vgg11" in capsys.readouterr().err


@pytest.mark.parametrize("model", list_models())
def test_the_layers_of_every_network_are_shown(model: str, capsys: Output) -> None:
    """Weights are not drawn here: those of the large networks take long."""
    with skip_init(constants=True):
        assert main(["show", model, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["is_sample"]
    costs = [row["cost"] for row in shown["rows"]]
    assert sum(cost["parameters"] for cost in costs) == shown["total"]["parameters"] > 10_000
    assert sum(cost["multiply_adds"] for cost in costs) == shown["total"]["multiply_adds"]


def test_a_stage_and_a_network_are_named_in_any_order(capsys: Output) -> None:
    texts = []
    for words in ("lenet graph", "graph lenet", "graph --model lenet"):
        assert main(["show", *words.split()]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] == texts[2]
    assert "float32[64×1×32×32]" in texts[0]


def test_a_network_of_a_file_is_shown_for_a_shape(capsys: Output, tmp_path: Path) -> None:
    net = tmp_path / "net.py"
    net.write_text("from knoll import nn\n\ndef Net():\n    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())\n")
    assert main(["show", f"{net}:Net", "1x8x8"]) == 0
    assert "2×6×6" in capsys.readouterr().out
    assert main(["show", "graph", f"{net}:Net", "1x8x8", "--batch", "3"]) == 0
    assert "float32[3×1×8×8]" in capsys.readouterr().out
    assert main(["show", f"{net}:Net"]) == 1
    assert "--input 1x32x32" in capsys.readouterr().err


def test_a_network_is_drawn(capsys: Output, tmp_path: Path) -> None:
    for words in ("practice", "practice plan --batch 2", "practice roofline 3x32x32 --batch 2"):
        out = tmp_path / f"{words.count(' ')}.svg"
        assert main(["draw", *words.split(), "--out", str(out)]) == 0
        assert "<svg" in out.read_text(encoding="utf-8")
    assert main(["draw", "practice"]) == 1
    assert "--out FILE.svg" in capsys.readouterr().err
    assert main(["draw", "practice", "plann"]) == 1
    assert "plan, roofline" in capsys.readouterr().err


def test_the_practice_network_is_shown_where_none_is_named(capsys: Output) -> None:
    assert main(["show", "--lang", "zh"]) == 0
    assert "145,578" in capsys.readouterr().out


@pytest.mark.parametrize("train", [False, True])
def test_a_stage_of_the_compiler_is_shown(capsys: Output, train: bool) -> None:
    assert main(["show", "graph", "--batch", "5", *(["--train"] if train else [])]) == 0
    shown = capsys.readouterr().out
    assert re.match(r"%0 = input float32\[\d+×3×32×32\]", shown)
    assert shown.count("conv2d") > 3 if train else shown.count("conv2d(") == 3


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m knoll show llvm | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "gbk"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_output_survives_every_encoding(
    few: Source, encoding: str, language: str, terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    out, errors = (io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", errors)
        assert main(f"train --epochs 1 --out run --lang {language}".split()) == 0
        assert main(["predict", "run", "run/example.png", "--lang", language]) == 0
        assert main(["show", "plan", "--lang", language]) == 0
        assert main(["predict", "run", "图\udcff.png", "--lang", language]) == 1
        for stream in (out, errors):
            stream.flush()
    shown = out.buffer.getvalue().decode(encoding)
    assert "run/weights.safetensors" in re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert "?" not in shown.replace("?25", "")
    if encoding == "ascii" and language == "en":
        assert re.search(r"  #+", re.sub(r"\x1b\[[\d;]*m", "", shown))


def test_a_training_without_an_output_is_a_training(few: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        patch.setattr(sys, "stderr", None)
        assert main(["train", "--epochs", "1", "--out", "run"]) == 0
        sys.stdout.close()
        sys.stderr.close()
    assert Path("run/weights.safetensors").is_file()


def test_names_of_folders_need_not_be_text(tmp_path: Path, capsys: Output) -> None:
    root = tmp_path / "caf\udce9"
    for name in ("a", "b\udcff"):
        (root / name).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (8, 8)).save(root / name / f"{number}.png")
    assert main(["train", "--data", "folder", "--root", str(root), "--epochs", "1", "--out", "run"]) == 0
    capsys.readouterr()
    assert main(["predict", "run", str(root / "b\udcff" / "0.png")]) == 0
    assert "b\\udcff" in capsys.readouterr().out
    assert json.loads(Path("run/configuration.json").read_text())["root"] == str(root)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("KNOLL_LANG", "fr", "Knoll speaks 'en' and 'zh', not 'KNOLL_LANG=fr'"),
        ("KNOLL_MACHINE", "z80", "z80"),
        ("KNOLL_WINOGRAD", "perhaps", "got: perhaps"),
        ("KNOLL_SHOW", "everything", "everything"),
    ],
)
def test_odd_words_in_the_environment_are_told(name: str, value: str, words: str) -> None:
    done = run("-m", "knoll", "show", "plan", env={**os.environ, "KNOLL_CACHE": "off", name: value})
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_bench_runs_nothing_that_lies_in_the_working_folder(tmp_path: Path, capsys: Output) -> None:
    rivals = tmp_path / "benchmarks" / "rivals"
    rivals.mkdir(parents=True)
    (rivals / "knoll.py").touch()
    marker = f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()"
    for module in ("benchmarks/__init__.py", "benchmarks/__main__.py"):
        (tmp_path / module).write_text(marker)
    run("-c", "from knoll.cli import main; main(['bench', '--help'])")
    assert not (tmp_path / "ran").exists()


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, **options)


def test_help_loads_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys; from knoll.cli import main; main(['--help']); "
        "print([name for name in 'tensorboardX PIL safetensors torch knoll.train'.split() if name in sys.modules])"
    )
    assert run("-c", code).stdout.splitlines()[-1] == "[]"


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def test_ctrl_c_in_a_process_of_its_own() -> None:
    command = [
        sys.executable,
        "-m",
        "knoll",
        "train",
        "--epochs",
        "500",
        "--out",
        "run",
        "--lang",
        "zh",
        "--threads",
        "1",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        wait_for(lambda: "1/500" in process.stdout.readline())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == ""
    assert "进度已全部保存" in out
    assert "knoll train --resume run" in out
    assert main(["predict", "run", "run/example.png"]) == 0


def test_training_without_options_reads_ninety_seven_of_a_hundred_digits() -> None:
    done = run("-m", "knoll", "train", env={**os.environ, "KNOLL_LANG": "en"})
    assert done.returncode == 0, done.stderr
    found = re.search(r"Test accuracy (\d+\.\d)%", done.stdout)
    assert found is not None
    assert float(found[1]) >= 97


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("arguments", [["explain", "ReLU()"], ["explain", "ReLU()", "--format", "json"], ["--help"]])
def test_a_full_disk_is_told_in_a_sentence(arguments: list[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "knoll", *arguments, "--lang", "en"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert ended.returncode == 1
    assert ended.stderr == "the output cannot be written: No space left on device\n"
