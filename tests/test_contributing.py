"""The page for contributors: the activation that it adds works, from its formula to machine code."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.nn.show import show

PAGE = Path(__file__).parent.parent / "CONTRIBUTING.md"
FILES = ("operation", "function", "layer")


def blocks_of_the_page() -> list[str]:
    """The operation, the function and the layer."""
    text = PAGE.read_text(encoding="utf-8").split("## An activation")[1].split("## An operation")[0]
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in blocks]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page's blocks as the three files of a package, which is imported."""
    blocks = blocks_of_the_page()
    folder = tmp_path_factory.mktemp("added") / "lisht_of_the_page"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for number, (name, block) in enumerate(zip(FILES, blocks, strict=True)):
        earlier = "".join(f"from lisht_of_the_page.{before} import *\n" for before in FILES[:number])
        (folder / f"{name}.py").write_text(f"from __future__ import annotations\n{earlier}{block}", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder.parent))
        from lisht_of_the_page import layer

        yield layer
    for module in [name for name in sys.modules if name.startswith("lisht_of_the_page")]:
        del sys.modules[module]


def test_it_computes_in_machine_code_what_its_meaning_says(package: Any) -> None:
    x = np.linspace(-6, 6, 20_000, dtype=np.float32).reshape(4, 5, 10, 100)
    np.testing.assert_allclose(package.LiSHT()(x).numpy(), x * np.tanh(x), rtol=1e-6, atol=1e-7)


def test_its_gradient_is_its_slope(package: Any) -> None:
    x = knoll.tensor(np.random.default_rng(0).standard_normal((3, 5, 4, 7)), requires_grad=True)
    package.LiSHT()(x).sum().backward()
    step = 1e-6
    slope = (package.LiSHT()(x + step) - package.LiSHT()(x - step)).detach().numpy() / (2 * step)
    np.testing.assert_allclose(x.grad.numpy(), slope, rtol=1e-7, atol=1e-8)


def test_it_is_fused_with_the_convolution_before_it(package: Any) -> None:
    net = nn.Sequential(nn.Conv2d(3, 16, 3), package.LiSHT())
    plan = show("plan", net, knoll.zeros(2, 3, 8, 8))
    assert "conv2d_bias_lisht" in plan
    assert "\n  lisht" not in plan


def test_bad_input_is_told_in_the_words_of_the_library(package: Any) -> None:
    with pytest.raises(knoll.errors.UnsupportedError, match="lisht_cpu"):
        package.LiSHT()(knoll.tensor([1, 2]))


def test_three_files_of_the_library_are_all_that_it_takes(tmp_path: Path) -> None:
    operation, function, layer = blocks_of_the_page()
    copy = tmp_path / "knoll"
    shutil.copytree(Path(knoll.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "ops/lisht.py").write_text(f"from __future__ import annotations\n{operation}", encoding="utf-8")
    with (copy / "nn/functional/piecewise.py").open("a", encoding="utf-8") as file:
        file.write(f"from knoll.ops.lisht import lisht_op\n{function}\n__all__ += ['lisht']\n")
    with (copy / "nn/layers/piecewise.py").open("a", encoding="utf-8") as file:
        file.write(f"{layer.replace('return lisht', 'return F.lisht')}\n__all__ += ['LiSHT']\n")
    program = "from knoll import nn; import knoll; print(nn.LiSHT()(knoll.tensor([0.0, 1.0])), nn.functional.lisht)"
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("tensor([0.0000, 0.7616]) <function lisht")
