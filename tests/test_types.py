"""What a type checker says of programs that use Knoll: right ones pass, wrong ones are refused where they are wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

ROOT = Path(__file__).parent.parent
PROGRAM = """
from typing import assert_type

import numpy as np

import knoll
from knoll import nn
from knoll.nn import functional as F
from knoll.nn.compile import CompiledModule

x = knoll.zeros(1, 3, 8, 8)
layers = nn.Sequential(nn.Conv2d(3, 4, 5, padding="same"), nn.MaxPool2d((2, 3)), nn.AdaptiveAvgPool2d((1, None)))
assert_type(knoll.compile(layers, x), CompiledModule)
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
assert_type(x.max(1).indices, knoll.Tensor)
assert_type(parameter.detach().view(-1)[0], knoll.Tensor)
assert_type(parameter.add_(1), nn.Parameter)
assert_type(knoll.where(x > 0, x, 0.0), knoll.Tensor)
assert_type(knoll.cat([x, parameter]), knoll.Tensor)
assert_type(F.relu(x), knoll.Tensor)
assert_type(x.grad, knoll.Tensor | None)
knoll.optim.SGD(layers.parameters(), lr=0.1).step()
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
F.conv2d(x, x, stride="two")  # refused
F.relu("x")  # refused
knoll.compiled(layers, x)  # refused
x + "1"  # refused
x.sum(dim="rows")  # refused
"""


def test_right_programs_pass_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--no-error-summary", str(program)]
    run = subprocess.run(  # noqa: S603
        command,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {int(line) for line in re.findall(r"program\.py:(\d+): error", run.stdout)}
    lines = PROGRAM.splitlines()
    assert found == {n for n, line in enumerate(lines, 1) if line.endswith("# refused")}, run.stdout + run.stderr
