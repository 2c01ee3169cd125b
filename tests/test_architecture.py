"""Imports run one way, and the public list is the public list."""

from __future__ import annotations

import ast
import re
import tokenize
import tomllib
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

import knoll

SOURCE = Path(knoll.__file__).parent
TESTS = Path(__file__).parent
# Each package may import from the packages before it. The README's map has the same order.
PACKAGES = (
    "messages absent errors language locks atomic calls deferred pillow draw document graph ops machine llvm kernels"
    " plan run return_types tensor special linalg autograd random testing settings accelerator amp backends cuda"
    " distributed fx multiprocessing onnx version nn func functional distributions jit optim data interop"
    " serialization hub vision analysis explain check animate views train utils lab notebook cli __main__"
)
ORDER = PACKAGES.split()


def package_of(module: str) -> str | None:
    """The package of `knoll.package.file`."""
    parts = module.split(".")
    return parts[1] if parts[0] == "knoll" and len(parts) > 1 else None


def imported(file: Path) -> list[str]:
    """The modules that a file imports when it is imported itself."""
    names: list[str] = []
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)
    return names


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda f: str(f.relative_to(SOURCE)))
def test_imports_go_one_way(file: Path) -> None:
    here = file.relative_to(SOURCE).parts[0].removesuffix(".py")
    if here == "__init__":
        return
    for module in imported(file):
        package = package_of(module)
        if package in ORDER:
            assert ORDER.index(package) <= ORDER.index(here), f"{here} imports {module}, which stands after it"


@cache
def graph_of_imports() -> dict[str, set[str]]:
    """The modules that each module names in an import: for types only, or when a function runs, too."""
    names = {
        file: ".".join(("knoll", *file.relative_to(SOURCE).with_suffix("").parts)) for file in SOURCE.rglob("*.py")
    }
    files = {name.removesuffix(".__init__"): file for file, name in names.items()}
    graph: dict[str, set[str]] = {name: set() for name in files}
    for name, file in files.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found = {f"{node.module}.{alias.name}" for alias in node.names}
                graph[name] |= {module if module in files else node.module for module in found}
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names}
    return {name: targets & graph.keys() - {name} for name, targets in graph.items()}


def reached(start: str, graph: dict[str, set[str]]) -> set[str]:
    """The modules that can be reached from one along imports."""
    seen: set[str] = set()
    waiting = [*graph[start]]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += graph[module]
    return seen


@pytest.mark.parametrize("package", ORDER)
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    graph = graph_of_imports()
    assert not [module for module in graph if module.split(".")[1:2] == [package] and module in reached(module, graph)]


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_map_has_every_package_in_this_order(readme: str) -> None:
    rows = (TESTS.parent / readme).read_text(encoding="utf-8").split("`messages/`", 1)[1].splitlines()
    first = ["messages", *re.findall(r"`([a-z_]+)(?:/|\.py)`", rows[0].split("|")[0])]
    cells = [row.split("|")[1] for row in takewhile(lambda row: row.startswith("|"), rows[1:])]
    assert [*first, *re.findall(r"`([a-z_]+)(?:/|\.py)`", " ".join(cells))] == ORDER[:-1]


def test_every_package_has_its_place() -> None:
    packages = {
        p.name.removesuffix(".py") for p in SOURCE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert packages - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda f: str(f.relative_to(SOURCE)))
def test_pytorch_is_nowhere_imported(file: Path) -> None:
    assert not [module for module in imported(file) if module.split(".")[0] in ("torch", "torchvision")]


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda f: str(f.relative_to(SOURCE)))
def test_pillow_is_taken_from_one_file(file: Path) -> None:
    """`pillow.py`, which loads it when it is needed; others name it for types alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    types = [each for each in ast.walk(tree) if isinstance(each, ast.If) and ast.unparse(each.test) == "TYPE_CHECKING"]
    at_run_time = {*ast.walk(tree)} - {node for each in types for node in ast.walk(each)}
    imports = [ast.unparse(node) for node in at_run_time if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [line for line in imports if re.match(r"(from|import) PIL\b", line)]


def uncompared(test: ast.FunctionDef) -> bool:
    """Does it expect an error and neither match its text nor look at the error afterwards?"""
    read = {node.id for node in ast.walk(test) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for item in (item for node in ast.walk(test) if isinstance(node, ast.With) for item in node.items):
        call, name = item.context_expr, item.optional_vars
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.raises":
            matched = any(keyword.arg == "match" for keyword in call.keywords)
            if not matched and not (isinstance(name, ast.Name) and name.id in read):
                return True
    return False


def test_tests_compare_the_texts_of_errors() -> None:
    assert not [
        f"{file.relative_to(TESTS).as_posix()}::{test.name}"
        for file in TESTS.rglob("*.py")
        for test in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(test, ast.FunctionDef) and uncompared(test)
    ]


MIRRORED = ("graph", "ops", "llvm", "kernels", "plan", "run")


def mirror(source: Path) -> Path:
    """The test file of a source file's name."""
    return TESTS / source.relative_to(SOURCE).with_name(f"test_{source.stem}.py")


# A family of operations has one name wherever it has a folder: where it is defined, lowered and computed.
FAMILIES = {file.parent.name for file in (SOURCE / "ops").glob("*/__init__.py")}
OTHERS = {"plan": {"fusion", "passes", "roles"}, "kernels": {"layout", "tile"}}


@pytest.mark.parametrize("package", OTHERS)
def test_a_family_of_operations_has_one_name(package: str) -> None:
    folders = {file.parent.name for file in (SOURCE / package).glob("*/__init__.py")}
    assert folders - FAMILIES == OTHERS[package]


def test_every_source_file_of_the_compiler_has_a_test() -> None:
    """One of its name in the folder of its name, or the one that `mirror.toml` names."""
    named = tomllib.loads((TESTS / "mirror.toml").read_text(encoding="utf-8"))
    for package in MIRRORED:
        files = [file for file in (SOURCE / package).rglob("*.py") if file.name != "__init__.py"]
        others = [file for file in files if not mirror(file).exists()]
        assert {file.relative_to(SOURCE / package).as_posix() for file in others} == named[package].keys(), package
        assert not [test for test in named[package].values() if not (TESTS / test).exists()]
        if package in ("graph", "ops", "kernels", "plan"):
            assert len(others) <= len(files) / 4, f"{package}: three of four have a test file of their own name"


def test_functions_and_their_layers_stand_in_files_of_one_name() -> None:
    def public(folder: Path) -> set[str]:
        return {file.name for file in folder.glob("[a-z]*.py") if "\n__all__ = " in file.read_text(encoding="utf-8")}

    functions, layers = public(SOURCE / "nn" / "functional"), public(SOURCE / "nn" / "layers")
    assert functions - layers == {"grid_sample.py", "scaled_attention.py"}  # PyTorch has no such layers
    assert {"cross_entropy.py", "conv.py", "max_pool.py"} < functions


IGNORE = re.compile(r"# (?:ruff: )?noqa|# type: ignore")
REASONED = re.compile(r"# (?:ruff: )?noqa: [A-Z0-9, ]+ \(\S|# type: ignore\[[a-z, -]+\]  # \S")


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "docs", "examples", "tools", ".ci"])
def test_whatever_a_checker_passes_over_has_a_reason(folder: str) -> None:
    """As `# noqa: A002 (PyTorch's name)` and `# type: ignore[misc]  # the layer that is lazy has it`."""
    without = []
    for file in (TESTS.parent / folder).rglob("*.py"):
        with tokenize.open(file) as lines:
            comments = [token for token in tokenize.generate_tokens(lines.readline) if token.type == tokenize.COMMENT]
        without += [
            f"{file.relative_to(TESTS.parent)}:{comment.start[0]}"
            for comment in comments
            if len(IGNORE.findall(comment.string)) != len(REASONED.findall(comment.string))
        ]
    assert not without


def test_public_names_exist() -> None:
    for package in (knoll, knoll.autograd, knoll.nn, knoll.optim, knoll.data, knoll.vision, knoll.interop):
        for name in package.__all__:
            assert hasattr(package, name), f"{package.__name__}.{name}"
