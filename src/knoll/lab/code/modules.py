"""Layers in Knoll and PyTorch, which are written alike."""

from __future__ import annotations

import ast
import inspect

from knoll.errors import ArgumentError
from knoll.explain.reading import KINDS, call_in
from knoll.lab.code.stage import Stage, drawn_names
from knoll.nn import Module

NOT_IN_PYTORCH = {"padding_mode": ("symmetric",)}


def written(text: str, library: str) -> str:
    """A layer with `nn.` before the names of layers, and tensors where a tuple is no tensor yet."""
    return ast.unparse(ast.fix_missing_locations(_Named(library).visit(call_in(text))))


class _Named(ast.NodeTransformer):
    def __init__(self, library: str) -> None:
        self.library = library

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Layers by their names in `nn`, their weights as tensors."""
        self.generic_visit(node)
        for keyword in node.keywords:
            if keyword.arg in ("weight", "pos_weight") and isinstance(keyword.value, ast.Tuple | ast.List):
                numbers = ast.unparse(ast.List(keyword.value.elts))
                keyword.value = ast.parse(f"{self.library}.tensor({numbers})", mode="eval").body
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """The name of a layer."""
        return ast.parse(f"nn.{node.id}", mode="eval").body if node.id in KINDS else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """A layer that already has a package before it."""
        return ast.parse(f"nn.{node.attr}", mode="eval").body if node.attr in KINDS else node


def lines(text: str, layer: Module, stage: Stage, inputs: list[str], *, several: bool, library: str) -> list[str]:
    """The lines that make the layer, give it its numbers and call it."""
    tensor = "torch.from_numpy" if library == "torch" else "knoll.tensor"
    state = drawn_names(stage)
    found = ["", f"layer = {written(text, library)}"]
    called = f"layer({', '.join(f'{tensor}({name})' for name in inputs)})"
    if any(kind.__name__.startswith("Lazy") for kind in map(type, layer.modules())) or "Lazy" in text:
        found.append(called + "  # sizes that were left open are known now")
    if state:
        found.append("layer.load_state_dict({")
        found += [f'    "{key}": {tensor}({name}),' for key, name in state.items()]
        found.append("}, strict=False)")
    found += [] if layer.training else ["layer.eval()"]
    result = f"{called}[0]" if several else called
    return [*found, f"y = {result}.detach().numpy()"]


def names_of(layer: Module, count: int) -> list[str]:
    """Names of the inputs: x, then those that `forward` has."""
    own = list(inspect.signature(type(layer).forward).parameters)[2:]
    return ["x", *own[: count - 1]]


def refused_by_pytorch(text: str) -> bool:
    """Whether the layer has a value that PyTorch does not know."""
    try:
        call = call_in(text)
    except ArgumentError:
        return True
    return any(
        isinstance(each, ast.keyword) and ast.unparse(each.value).strip("'\"") in NOT_IN_PYTORCH.get(each.arg or "", ())
        for each in ast.walk(call)
    )
