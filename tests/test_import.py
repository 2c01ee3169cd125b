"""What `import knoll` brings along: the compiler is loaded when it first has work."""

from __future__ import annotations

import subprocess
import sys

import pytest

import knoll

LOADED = "import sys, knoll; print(*sorted(sys.modules))"


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    """The modules that a fresh interpreter has loaded after `import knoll`."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    "package", ["llvmlite", "knoll.kernels", "knoll.llvm", "knoll.machine", "PIL", "tensorboardX", "rich"]
)
def test_import_leaves_out_what_has_no_work_yet(loaded: list[str], package: str) -> None:
    assert not [module for module in loaded if module == package or module.startswith(f"{package}.")]


def test_dir_lists_the_public_names_before_they_are_loaded() -> None:
    code = "import knoll; print(*[name for name in dir(knoll) if not name.startswith('__')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    listed = done.stdout.split()
    assert {"Tensor", "nn", "optim", "compile", "save", "load"} <= set(listed)
    assert listed == sorted(knoll.__all__)
