"""What type checkers say of programs that use Knoll: right ones pass, wrong ones are refused where they are wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = str(Path(__file__).parent.parent / "src")
PROGRAM = """
from typing import Any, assert_type

import numpy as np

import knoll
from knoll import nn
from knoll.nn import functional as F
from knoll.nn.compile import CompiledModule

x = knoll.zeros(1, 3, 8, 8)
layers = nn.Sequential(nn.Conv2d(3, 4, 5, padding="same"), nn.MaxPool2d((2, 3)), nn.AdaptiveAvgPool2d((1, None)))
program = knoll.compile(layers, x)
assert_type(program, CompiledModule[np.ndarray[Any, Any]])
assert_type(program(np.zeros((1, 3, 8, 8)), out=np.zeros((1, 4, 4, 1))), np.ndarray[Any, Any])
assert_type(F.max_pool2d(x, 2), knoll.Tensor)
assert_type(F.max_pool2d(np.zeros((1, 3, 8, 8)), (2, 1)), knoll.Tensor)
assert_type(F.max_pool2d(x, 2, return_indices=True), tuple[knoll.Tensor, knoll.Tensor])
assert_type(F.adaptive_max_pool2d(x, 2, True), tuple[knoll.Tensor, knoll.Tensor])
nn.Upsample(scale_factor=(2, 1.5), mode="bilinear")
F.interpolate(x, size=[4, 4])
assert_type(nn.Conv2d(3, 4, 5).kernel_size, tuple[int, int])
assert_type(nn.CrossEntropyLoss().label_smoothing, float)
parameter = nn.Parameter(x)
assert_type(x + 1, knoll.Tensor)
assert_type(2 - x, knoll.Tensor)
assert_type(parameter * 2, knoll.Tensor)
assert_type(x * parameter @ x, knoll.Tensor)
assert_type(x == 1, knoll.Tensor)
assert_type(x.sum(), knoll.Tensor)
assert_type(x.sum((2, 3), keepdim=True, dtype=knoll.float64), knoll.Tensor)
assert_type(x.max(1).indices, knoll.Tensor)
assert_type(x.size(1), int)
assert_type(x.stride(), tuple[int, ...])
assert_type(x.type(), str)
assert_type(x.to("cpu").to(knoll.float16).to(x), knoll.Tensor)
assert_type(x[0, ..., None, [1, 2], :], knoll.Tensor)
assert_type(parameter.detach().view(-1)[0], knoll.Tensor)
assert_type(parameter.positive().where(x > 0, 0.0), knoll.Tensor)
assert_type(parameter.split(1), tuple[knoll.Tensor, ...])
assert_type(parameter.sort().values, knoll.Tensor)
parameter.register_hook(lambda dx: assert_type(dx, knoll.Tensor) * 2)
assert_type(parameter.add_(1), nn.Parameter)
assert_type(parameter.requires_grad_(False), nn.Parameter)
assert_type(knoll.where(x > 0, x, 0.0), knoll.Tensor)
joined: knoll.Tensor = knoll.cat([x, parameter])
assert_type(knoll.randint(10, (64,)), knoll.Tensor)
assert_type(knoll.autograd.grad(x.sum(), x), tuple[knoll.Tensor, ...])
assert_type(knoll.autograd.grad(x.sum(), {"x": x}), dict[str, knoll.Tensor])
assert_type(F.relu(x), knoll.Tensor)
assert_type(x.grad, knoll.Tensor | None)
handle = x.register_hook(lambda dx: dx * 2)
optimizer = knoll.optim.SGD(layers.parameters(), lr=0.1)
optimizer.step()
assert_type(optimizer.step(lambda: x.sum()), knoll.Tensor)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2)
        self.classes: nn.MaxPool2d = nn.MaxPool2d(2)

    def forward(self, x: knoll.Tensor) -> tuple[knoll.Tensor, knoll.Tensor]:
        pooled, places = self.pool(self.conv(x))
        return self.classes(self.unpool(pooled, places)), places


assert_type(nn.Conv2d(3, 4, 5)(x), knoll.Tensor)
assert_type(nn.Conv2d(3, 4, 5)(np.zeros((3, 8, 8))), knoll.Tensor)
assert_type(nn.MaxPool2d(2)(x), knoll.Tensor)
assert_type(nn.AdaptiveMaxPool2d(2, return_indices=True)(x), tuple[knoll.Tensor, knoll.Tensor])
assert_type(nn.CrossEntropyLoss()(x, x), knoll.Tensor)
assert_type(Net()(x), tuple[knoll.Tensor, knoll.Tensor])
scores: knoll.Tensor = layers(x)
nn.Conv2d(3, 4, "five")  # refused
nn.Conv2d(3, 4, 2.5)  # refused
nn.Conv2d(3, 4, (1, 2, 3))  # refused
nn.MaxPool2d(kernel_size=None)  # refused
nn.AdaptiveAvgPool2d("half")  # refused
nn.ZeroPad2d((1, 2))  # refused
nn.Upsample(scale_factor="twice")  # refused
nn.Unflatten(1, 2)  # refused
nn.BatchNorm2d(4, device=1)  # refused
nn.CrossEntropyLoss(weight="balanced")  # refused
nn.Conv2d(3, 4, 5)(x).channels  # refused
F.conv2d(x, x, stride="two")  # refused
F.relu("x")  # refused
knoll.compiled(layers, x)  # refused
knoll.zeros(2, 3, device=0)  # refused
knoll.zeros("two")  # refused
x + "1"  # refused
x.sum(dim="rows")  # refused
x.reshape("flat")  # refused
x["row"]  # refused
optimizer.step(0.1)  # refused
"""
STAR_IMPORTS = """
from typing import assert_type

from knoll import Tensor, ones
from knoll.nn import *
from knoll.nn.functional import *
from knoll.optim import *
from knoll.vision.models import *

model = Sequential(Conv2d(3, 8, 3), ReLU(), Flatten(), Linear(8 * 36, 10))
optimizer = SGD(model.parameters(), lr=0.1)
schedule = lr_scheduler.StepLR(optimizer, 1)
init.zeros_(Linear(2, 2).weight)
assert_type(ReLU()(ones(2)), Tensor)
assert_type(relu(ones(2)), Tensor)
assert_type(lenet()(ones(1, 1, 28, 28)), Tensor)
conv  # refused
"""


CHECKERS = {
    "mypy": ["--strict", "--config-file", "", "--follow-imports", "silent", "--no-error-summary"],
    "pyright": ["--pythonpath", sys.executable],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_right_lines_pass_and_wrong_ones_are_refused(tmp_path: Path, checker: str) -> None:
    pytest.importorskip(checker)
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "star_imports.py").write_text(STAR_IMPORTS, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", checker, *CHECKERS[checker], "program.py", "star_imports.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": SOURCES, "PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
        check=False,
    )
    found = set(re.findall(r"(\w+)\.py:(\d+).*error", run.stdout))
    expected = {("program", n) for n in refused(PROGRAM)} | {("star_imports", n) for n in refused(STAR_IMPORTS)}
    assert found == expected, run.stdout + run.stderr


def refused(program: str) -> set[str]:
    """The lines that a type checker should refuse."""
    return {str(n) for n, line in enumerate(program.splitlines(), 1) if line.endswith("# refused")}
