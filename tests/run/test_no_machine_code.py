"""Where the system forbids machine code that a process makes itself, everything is computed in NumPy."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.llvm import code
from knoll.run import machine_code, program_cache

PROGRAM = """
import ctypes, os, sys
if "KNOLL_TEST_FREE" not in os.environ:
    if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE: nothing writable may become executable
        sys.exit(77)
import knoll
from knoll import nn

knoll.manual_seed(0)
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5))
x, labels = knoll.ones(2, 3, 8, 8), knoll.tensor([1, 3])
optimizer = knoll.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    loss = nn.CrossEntropyLoss()(net(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
program = knoll.compile(net.eval(), x)
print(f"{loss.item():.4f}", program(x.numpy()).shape, program(knoll.ones(5, 3, 8, 8).numpy()).shape)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's way to forbid it")
def test_a_hardened_process_trains_and_compiles_with_one_warning() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(knoll.__file__).parent.parent), "KNOLL_LANG": "en"}
    environment.pop("PYTHONWARNINGS", None)
    ran = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    if ran.returncode == 77:
        pytest.skip("this kernel cannot forbid it")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("RuntimeWarning") == 1
    assert "NumPy" in ran.stderr
    environment["KNOLL_TEST_FREE"] = "1"
    free = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == free.stdout
    assert not free.stderr


def refused(content: bytes, size: int) -> tuple[int, object]:
    raise PermissionError(13, "Permission denied")


@pytest.fixture
def nothing_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "_programs", type(program_cache._programs)())
    machine_code._tell_once.cache_clear()


@pytest.mark.usefixtures("nothing_built")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows allocates in another way")
def test_numpy_gives_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    net, x = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), knoll.randn(2, 3, 8, 8)
    fast = net(x).detach().numpy()
    monkeypatch.setattr(program_cache, "_programs", type(program_cache._programs)())
    monkeypatch.setattr(code, "_posix", refused)
    with pytest.warns(RuntimeWarning, match="NumPy"):
        slow = net(x)
    np.testing.assert_allclose(slow.detach().numpy(), fast, atol=1e-5)
    slow.sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        knoll.compile(net, x)(x.numpy())


@pytest.mark.usefixtures("nothing_built")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows allocates in another way")
def test_an_optimiser_steps_in_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "_updates", {})
    monkeypatch.setattr(code, "_posix", refused)
    p = knoll.ones(3, requires_grad=True)
    p.grad = knoll.tensor([1.0, -2.0, 0.0])
    with pytest.warns(RuntimeWarning, match="NumPy"):
        knoll.optim.SGD([p], lr=0.5).step()
    assert p.tolist() == [0.5, 2.0, 1.0]


def test_other_processors_have_no_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert code.is_possible()
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not code.is_possible()
