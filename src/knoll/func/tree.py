"""Trees of tuples, lists and dictionaries, as functions that are transformed take and give them.

What stands in them is a leaf, whatever it is; named tuples, ordered dictionaries, those with a default, and deques are
trees too. Source: https://docs.pytorch.org/docs/stable/func.html
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TreeSpec:
    """How a tree is built: its kind, what else is known of it (such as the keys), and its parts. A leaf has no kind.

    >>> flatten((1, [2, 3]))[1].words
    '(*, [*, *])'
    """

    kind: type | None = None
    context: Any = None
    parts: tuple[TreeSpec, ...] = ()

    @property
    def leaves(self) -> int:
        """How many leaves it has."""
        return 1 if self.kind is None else sum(part.leaves for part in self.parts)

    @property
    def words(self) -> str:
        """The tree with a star for each leaf."""
        if self.kind is None:
            return "*"
        inner = [part.words for part in self.parts]
        if self.kind is deque or issubclass(self.kind, list):
            listed = f"[{', '.join(inner)}]"
            return f"deque({listed})" if self.kind is deque else listed
        if hasattr(self.kind, "_fields"):
            return f"{self.kind.__name__}({', '.join(map('{}={}'.format, self.kind._fields, inner))})"
        if issubclass(self.kind, tuple):
            return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
        keys = self.keys
        if self.kind is OrderedDict:
            return f"OrderedDict([{', '.join(f'({key!r}, {each})' for key, each in zip(keys, inner, strict=True))}])"
        pairs = "{" + ", ".join(f"{key!r}: {each}" for key, each in zip(keys, inner, strict=True)) + "}"
        return f"defaultdict({self.context[0]}, {pairs})" if self.kind is defaultdict else pairs

    @property
    def keys(self) -> Sequence[Any]:
        """The keys of a dictionary."""
        keys: Sequence[Any] = self.context[1] if self.kind is defaultdict else self.context
        return keys

    def __repr__(self) -> str:
        return self._text(0)

    def _text(self, indent: int) -> str:
        if self.kind is None:
            return "*"
        name = "namedtuple" if hasattr(self.kind, "_fields") else self.kind.__name__
        context = self.kind if hasattr(self.kind, "_fields") else self.context
        first, *rest = [part._text(indent + 2) for part in self.parts] or [""]
        inner = ",\n".join([first, *(" " * (indent + 2) + each for each in rest)])
        return f"TreeSpec({name}, {context}, [{inner}])"


def _parts(tree: Any) -> tuple[Any, tuple[Any, ...]] | None:
    """What is known of a tree besides its kind, and its parts; None of a leaf."""
    kind = type(tree)
    if kind in (dict, OrderedDict):
        return list(tree), tuple(tree.values())
    if kind is defaultdict:
        return [tree.default_factory, list(tree)], tuple(tree.values())
    if kind in (tuple, list, deque) or (isinstance(tree, tuple) and hasattr(kind, "_fields")):
        return None, tuple(tree)
    return None


def flatten(tree: Any) -> tuple[list[Any], TreeSpec]:
    """The leaves of a tree, and how it is built.

    >>> flatten({"a": 1, "b": (2,)})
    ([1, 2], TreeSpec(dict, ['a', 'b'], [*,
      TreeSpec(tuple, None, [*])]))
    """
    found = _parts(tree)
    if found is None:
        return [tree], TreeSpec()
    context, parts = found
    leaves, specs = list[Any](), list[TreeSpec]()
    for part in parts:
        inner, spec = flatten(part)
        leaves += inner
        specs.append(spec)
    return leaves, TreeSpec(type(tree), context, tuple(specs))


def unflatten(leaves: Sequence[Any], spec: TreeSpec) -> Any:
    """The tree that is built like another, of these leaves.

    >>> unflatten([1, 2, 3], flatten((0, [0, 0]))[1])
    (1, [2, 3])
    """
    return _built(iter(leaves), spec)


def _built(leaves: Iterator[Any], spec: TreeSpec) -> Any:
    if spec.kind is None:
        return next(leaves)
    parts = [_built(leaves, part) for part in spec.parts]
    if spec.kind is defaultdict:
        return defaultdict(spec.context[0], zip(spec.keys, parts, strict=True))
    if spec.kind in (dict, OrderedDict):
        return spec.kind(zip(spec.keys, parts, strict=True))
    return spec.kind(*parts) if hasattr(spec.kind, "_fields") else spec.kind(parts)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with what a function gives for each leaf in its place.

    >>> tree_map(lambda x: 2 * x, {"a": 1, "b": [2]})
    {'a': 2, 'b': [4]}
    """
    leaves, spec = flatten(tree)
    return unflatten([function(leaf) for leaf in leaves], spec)


def spread(prefix: Any, spec: TreeSpec) -> list[Any] | None:
    """For each leaf of a tree what stands for it in another, whose leaves may stand for whole parts of the tree.

    None where the two are built unlike.

    >>> spread((0, None), flatten((1, [2, 3]))[1])
    [0, None, None]
    """
    found = _parts(prefix)
    if found is None:
        return [prefix] * spec.leaves
    context, parts = found
    if spec.kind is None or type(prefix) is not spec.kind or len(parts) != len(spec.parts):
        return None
    if context is not None:
        known: Any = prefix
        if known.keys() != set(spec.keys):
            return None
        parts = tuple(known[key] for key in spec.keys)
    spread_out = list[Any]()
    for part, inner in zip(parts, spec.parts, strict=True):
        each = spread(part, inner)
        if each is None:
            return None
        spread_out += each
    return spread_out
