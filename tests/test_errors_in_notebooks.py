"""What IPython shows of an error: the lines of the user's own program, and the sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("IPython") is None:
    pytest.skip("IPython is not installed: pip install -e '.[test]'", allow_module_level=True)

CELLS = {
    "layer": "import knoll; from knoll import nn; nn.Linear(4, 2)(knoll.ones(3, 5))",
    "model": "import model; model.run()",
    "argument": "from knoll import nn; nn.Conv2d(3, 6, 3, groups=2)",
    "file": "import knoll; knoll.load('not-there')",
    "backward": "import knoll; y = knoll.ones(2, requires_grad=True).exp().sum(); y.backward(); y.backward()",
}
MODEL = """
import knoll
from knoll import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(1000, 64))

    def forward(self, x):
        return self.body(x)

def run():
    return Net()(knoll.ones(64, 64, 4, 4))
"""
RUN = """
import sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(colors="nocolor")
for each in sys.argv[1:]:
    shell.run_cell(each)
"""
FRAME = re.compile(r"^(?:File |Cell In)(.*)", re.MULTILINE)


def told(folder: Path, *cells: str) -> str:
    """What IPython prints when it runs these cells."""
    (folder / "model.py").write_text(MODEL)
    (folder / "run.py").write_text(RUN)
    done = subprocess.run([sys.executable, "run.py", *cells], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", CELLS)
def test_only_the_frames_of_the_user_are_shown(name: str, tmp_path: Path) -> None:
    text = told(tmp_path, CELLS[name])
    frames = FRAME.findall(text)
    assert not [frame for frame in frames if "knoll" in frame.replace(str(tmp_path), "")]
    assert len(frames) == (3 if name == "model" else 1)
    assert "----> 1" in text
    assert len(text.splitlines()) < (50 if name == "model" else 15)


def test_the_line_of_the_model_and_the_sentence_are_there(tmp_path: Path) -> None:
    text = told(tmp_path, CELLS["model"])
    assert "return self.body(x)" in text
    assert "return Net()(knoll.ones(64, 64, 4, 4))" in text
    assert "mat1 and mat2 shapes cannot be multiplied (64x1024 and 1000x64)" in text
    assert "in_features=1024" in text


def test_all_frames_are_shown_to_those_who_ask_for_them(tmp_path: Path) -> None:
    text = told(tmp_path, "%xmode Verbose", CELLS["layer"])
    assert [frame for frame in FRAME.findall(text) if "nn/module.py" in frame]


def test_another_error_is_shown_as_ever(tmp_path: Path) -> None:
    assert "ZeroDivisionError" in told(tmp_path, "1 / 0")
