"""Write the public names of PyTorch and torchvision: `python tools/names_of_pytorch.py TORCHVISION`.

Those of PyTorch are asked of the installed package; those of torchvision's transforms are read from the folder of its
source, without importing it: `pip download --no-deps torchvision` and `unzip` bring it. What PyTorch does not document
is no public name.
"""

from __future__ import annotations

import ast
import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

TARGET = Path(__file__).parent.parent / "docs" / "pytorch_names.toml"


def main(torchvision: str) -> None:
    """Write the file."""
    lists = {
        "torch": [name for name in dir(torch) if _is_function(name)],
        "torch.Tensor": [name for name in dir(torch.Tensor) if getattr(torch.Tensor, name).__doc__],
        "torch.nn": _classes_of("torch.nn"),
        "torch.nn.functional": _functions_of("torch.nn.functional"),
        "torch.optim": _classes_of("torch.optim"),
        "torch.optim.lr_scheduler": list(import_module("torch.optim.lr_scheduler").__all__),
        "torch.func": list(import_module("torch.func").__all__),
        "torch.testing": [
            name for name, value in vars(import_module("torch.testing")).items() if inspect.isfunction(value)
        ],
        "torch.utils.data": list(import_module("torch.utils.data").__all__),
        "torchvision.transforms": _transforms(Path(torchvision) / "transforms"),
        "torchvision.transforms.v2": _imported(Path(torchvision) / "transforms" / "v2" / "__init__.py"),
    }
    text = "# The public names of PyTorch and torchvision, written by tools/names_of_pytorch.py\n"
    text += f'version = "{torch.__version__.partition("+")[0]}"\n'
    for owner, names in lists.items():
        public = sorted(name for name in names if not name.startswith("_"))
        text += f'\n["{owner}"]\nnames = """\n' + "\n".join(public) + '\n"""\n'
    TARGET.write_text(text, encoding="utf-8")


def _is_function(name: str) -> bool:
    """Whether `torch` has a function of tensors of this name, and says something of it."""
    functions: Any = torch._C._VariableFunctions
    listed = name in torch.functional.__all__ or hasattr(functions, name)
    return listed and bool(getattr(torch, name).__doc__)


def _functions_of(module: str) -> list[str]:
    """The functions that a module documents: its own, those of C++, and those that choose one of two."""
    homes = (module, None, "torch._C._nn", "torch._jit_internal")
    return [
        name
        for name, value in vars(import_module(module)).items()
        if (inspect.isfunction(value) or inspect.isbuiltin(value))
        and value.__module__ in homes
        and value.__doc__
        and not name.endswith(("_dispatch", "_with_indices"))
    ]


def _classes_of(module: str) -> list[str]:
    return [name for name, value in vars(import_module(module)).items() if inspect.isclass(value)]


def _transforms(folder: Path) -> list[str]:
    """What the files of the first version list."""
    names: list[str] = []
    for file in ("transforms.py", "autoaugment.py"):
        for node in ast.parse((folder / file).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                names += ast.literal_eval(node.value)
    return names


def _imported(file: Path) -> list[str]:
    """The names of capital letters that a file imports from others of its package."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    found = (alias.name for node in body if isinstance(node, ast.ImportFrom) and node.level for alias in node.names)
    return [name for name in found if name[0].isupper()]


if __name__ == "__main__":
    main(*sys.argv[1:])
