"""A network of a user's file: found by its name, made, and looked at; nothing else of the file is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from knoll.check.target import read_target
from knoll.cli import main
from knoll.errors import KnollError

Output = pytest.CaptureFixture[str]

PROGRAM = """
import knoll as torch
from knoll import nn
from helper import width

if width > 5:
    CLASSES = 10
else:
    CLASSES = 2

raise_if_run = open("no such file") if False else None


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc = nn.Linear(n, n)

    def forward(self, x):
        return torch.relu(self.fc(x))


class Net(nn.Module):
    def __init__(self, n=8):
        super().__init__()
        self.block, self.last = Block(n), nn.Linear(n, CLASSES)

    def forward(self, x):
        return self.last(self.block(x)).softmax(1)


def make(depth):
    return nn.Sequential(*[Block(8) for _ in range(depth)])


loss_fn = nn.CrossEntropyLoss()
net = Net()
broken = Net("eight")
for step in range(10):
    raise SystemExit("the training began")
if __name__ == "__main__":
    raise SystemExit("the program began")
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my net.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "helper.py").write_text("width = 8\n", encoding="utf-8")
    (tmp_path / "bad.py").write_text("class Net(:\n    pass\n", encoding="utf-8")
    (tmp_path / "fails.py").write_text(
        "from knoll import nn\nx = 1 / 0\nclass Net(nn.Module):\n    size = x\n", encoding="utf-8"
    )
    (tmp_path / "of_torch.py").write_text(
        "from torch_missing import nn\nclass Net(nn.Module): pass\n", encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("my net.py", "Net"),
        ("my net.py:Net", "Net"),
        ("my net.py:net", "Net"),
        ("my net.py:Net(16)", "Net"),
        ("my net.py:make(2)", "Sequential"),
        ("my net.py:nn.Linear(3, 4)", "Linear"),
        ("resnet18", "ResNet"),
    ],
)
def test_a_network_is_found(name: str, kind: str) -> None:
    assert type(read_target(name).module).__name__ == kind


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("from knoll import nn\nmodel = nn.Sequential(nn.Linear(8, 4))\nloss = nn.MSELoss()\n", "Sequential"),
        (
            "import argparse\nfrom knoll import nn\nparser = argparse.ArgumentParser()\n"
            "parser.add_argument('--width', type=int, default=4)\nargs = parser.parse_args()\n"
            "class Own(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.fc = nn.Linear(args.width, args.width)\n",
            "Own",
        ),
        ("import knoll.nn as nn\nclass Base(nn.Module): pass\nclass Data: pass\nclass Own(Base): pass\n", "Own"),
    ],
)
def test_the_only_network_of_a_file_needs_no_name(tmp_path: Path, source: str, kind: str) -> None:
    (tmp_path / "one.py").write_text(source, encoding="utf-8")
    assert type(read_target("one.py").module).__name__ == kind


def test_a_network_that_statements_add_to_is_whole(tmp_path: Path) -> None:
    source = (
        "from knoll import nn\nlayers, width = [], 3\n"
        "for wanted in (8, 4):\n    layers.append(nn.Linear(width, wanted))\n    width = wanted\n"
        "layers.append(nn.ReLU())\nnet = nn.Sequential(*layers)\nnet.add_module('last', nn.Linear(width, 2))\n"
        "history = []\nfor step in range(3):\n    history.append(open('no such file'))\n"
    )
    (tmp_path / "built.py").write_text(source, encoding="utf-8")
    net = read_target("built.py:net").module
    assert [name for name, _ in net.named_children()] == ["0", "1", "2", "last"]


def test_several_networks_are_named(tmp_path: Path) -> None:
    (tmp_path / "two.py").write_text("from knoll import nn\nclass A(nn.Module): pass\nclass B(nn.Module): pass\n")
    with pytest.raises(KnollError, match="2 networks") as told:
        read_target("two.py")
    assert "two.py:A, two.py:B" in str(told.value.advice)


def test_a_whole_path_and_one_of_windows(tmp_path: Path) -> None:
    assert type(read_target(f"{tmp_path / 'my net.py'}:Net").module).__name__ == "Net"
    with pytest.raises(KnollError, match=r"(cannot be read|无法读取).*No such file"):
        read_target(r"C:\nets\net.py:Net")


def test_the_loss_of_the_file_is_used() -> None:
    assert read_target("my net.py").loss == "CrossEntropyLoss"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("my net.py:Nett", "There is no Nett in my net.py"),
        ("my net.py:make", "make needs arguments"),
        ("my net.py:Block", 'try: "my net.py:Block'),
        ("my net.py:CLASSES", "CLASSES is not a network"),
        ("my net.py:broken", "could not be run"),
        ("my net.py:Net(", "a class, a function, a network"),
        ("my ne.py:Net", "my net.py"),
        ("bad.py:Net", "bad.py:1"),
        ("fails.py:Net", "fails.py:2"),
        ("of_torch.py:Net", "No module named 'torch_missing'"),
        ("resnet19", "try: resnet18"),
    ],
)
def test_what_cannot_be_found_is_told(name: str, words: str) -> None:
    with pytest.raises(KnollError) as told:
        read_target(name)
    assert words in str(told.value)


def test_the_command_says_by_its_exit_code_whether_there_is_something(capsys: Output) -> None:
    assert main(["check", "my net.py:Net", "8"]) == 1
    assert "activation-before-loss" in capsys.readouterr().out
    assert main(["check", "my net.py:Net", "8", "--ignore", "activation-before-loss"]) == 0
    assert main(["check", "my net.py:make(1)", "8", "--loss", "mse_loss", "--batch-size", "4", "--samples", "10"]) == 0
    assert main(["check", "my net.py:Net", "8", "--out", "report.html"]) == 1
    assert "activation-before-loss" in Path("report.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["check", "my net.py:Net"]) == 1
    assert "The shape of one sample is missing" in capsys.readouterr().err
    assert main(["check", "resnet18"]) == 0


def test_a_file_of_a_package_imports_from_its_neighbours(tmp_path: Path) -> None:
    inner = tmp_path / "nets" / "small"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()
    (inner.parent / "parts.py").write_text("from knoll import nn\nhead = nn.Linear(8, 4)\n")
    (inner / "net.py").write_text("from ..parts import head\nnet = head\n")
    assert type(read_target("nets/small/net.py:net").module).__name__ == "Linear"
