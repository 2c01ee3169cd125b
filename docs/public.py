"""The public names of Knoll as the API reference tells them: kind, signature, docstring, members."""

from __future__ import annotations

import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

CHINESE = Path(__file__).parent / "locale" / "zh_CN" / "reference.toml"
LONGEST = 60  # letters of a default value that is shown
NOT_TOLD = {"forward", "extra_repr"}  # every layer has them


def public_names(module: ModuleType) -> list[str]:
    """What a module offers, without the modules in it: its `__all__`, else the classes that it defines."""
    classes = [name for name, value in vars(module).items() if isinstance(value, type)]
    names = getattr(module, "__all__", [name for name in classes if vars(module)[name].__module__ == module.__name__])
    return [name for name in names if not name.startswith("_") and not inspect.ismodule(getattr(module, name))]


def public_members(kind: type) -> list[str]:
    """The methods and properties of a class, with those of bases that are not public themselves."""
    public = [base for base in kind.__mro__[1:] if not _is_private(base)]
    own = [base for base in kind.__mro__ if base is kind or not any(issubclass(each, base) for each in public)]
    found = {name: value for base in reversed(own) for name, value in vars(base).items()}
    return [name for name, value in found.items() if _is_told(name, value)]


def _is_private(base: type) -> bool:
    if not base.__module__.startswith("knoll."):
        return False
    return base.__name__ not in getattr(import_module(base.__module__.rpartition(".")[0]), "__all__", ())


def _is_told(name: str, value: object) -> bool:
    method = getattr(value, "__func__", value)
    told = inspect.isfunction(method) or isinstance(value, property)
    return told and not name.startswith("_") and name not in NOT_TOLD and bool(inspect.getdoc(value))


@cache
def chinese_sentences() -> dict[str, dict[str, str]]:
    """The Chinese sentences by module or class, and by name."""
    return tomllib.loads(CHINESE.read_text(encoding="utf-8"))


_SENTENCES_OF = {
    "knoll.Tensor": "knoll",
    "knoll.linalg": "knoll",
    "knoll.vision.transforms.v2": "knoll.vision.transforms",
}


def chosen(asked: list[str], everything: list[str]) -> Iterator[str]:
    """The names that were asked for, or those that match a pattern; all where none was asked for."""
    for each in asked or ["*"]:
        if "*" not in each:
            yield each
            continue
        pattern = each.removeprefix("!")
        yield from (name for name in everything if fnmatchcase(name, pattern) == (pattern == each))


@dataclass(frozen=True)
class Public:
    """A public name: that of a module or, as `knoll.Tensor`, of a class."""

    owner: str
    name: str

    @property
    def _holder(self) -> Any:
        module, _, name = self.owner.rpartition(".")
        return getattr(import_module(module), name) if name[0].isupper() else import_module(self.owner)

    @property
    def thing(self) -> Any:
        """What it names."""
        return getattr(self._holder, self.name)

    @property
    def kind(self) -> str:
        """The directive of Sphinx that describes it."""
        if isinstance(self._holder, type):
            static = inspect.getattr_static(self._holder, self.name)
            return "property" if isinstance(static, property) else "method"
        if isinstance(self.thing, type):
            return "exception" if issubclass(self.thing, Exception) else "class"
        return "function" if callable(self.thing) else "data"

    @property
    def module(self) -> str:
        """The module that offers it."""
        return self.owner.rpartition(".")[0] if isinstance(self._holder, type) else self.owner

    @property
    def signature(self) -> str:
        """The arguments with their types, in brackets; nothing where there are none to tell."""
        if self.kind in ("property", "data"):
            return ""
        try:
            found = inspect.signature(self.thing.__init__ if isinstance(self.thing, type) else self.thing)
        except (TypeError, ValueError):
            return ""
        parameters = list(found.parameters.values())
        bound = isinstance(self.thing, type) or (self.kind == "method" and not self._is_bound)
        shown = [_parameter(each) for each in parameters[bound:]]
        returned = "" if isinstance(self.thing, type) else _arrow(found.return_annotation)
        return f"({', '.join(_with_marks(parameters[bound:], shown))}){returned}"

    @property
    def _is_bound(self) -> bool:
        static = inspect.getattr_static(self._holder, self.name)
        return isinstance(static, (classmethod, staticmethod))

    @property
    def chinese(self) -> str | None:
        """What is said of it in Chinese.

        A method of `Tensor` has the sentence of the function of its name, or of another of its names, and
        `nn.functional.max_pool2d` that of `nn.MaxPool2d`; what works in place, as `relu_`, has that of what does not.
        """
        return next(filter(None, map(self._chinese_of, self._names)), None)

    def _chinese_of(self, name: str) -> str | None:
        plain = name.removesuffix("_")
        own, others = chinese_sentences().get(self.owner, {}), self._related_chinese(plain)
        if name in own:
            return own[name]
        found = own.get(plain) or others
        return f"{found.removesuffix('。')}（原地修改）。" if found and plain != name else found

    @property
    def _names(self) -> list[str]:
        """The name, and the other names of the same method of `Tensor`."""
        kinds = self._holder.__mro__ if self.owner == "knoll.Tensor" else ()
        methods = {name: value for kind in kinds for name, value in vars(kind).items()}
        static = methods.get(self.name)
        return [self.name, *(name for name, value in methods.items() if static is not None and value is static)]

    def _related_chinese(self, plain: str) -> str | None:
        if self.owner in _SENTENCES_OF:
            return chinese_sentences()[_SENTENCES_OF[self.owner]].get(plain)
        if self.owner != "knoll.nn.functional":
            return None
        layers = {layer.lower(): text for layer, text in chinese_sentences()["knoll.nn"].items()}
        bare = plain.replace("_", "")
        return layers.get(bare) or layers.get(f"{bare}loss")

    @property
    def docstring(self) -> Docstring:
        """What is said of it."""
        return Docstring(inspect.getdoc(self.thing) or "" if self.kind != "data" else "")


@dataclass(frozen=True)
class Docstring:
    """A docstring, which is Markdown but for its examples and lists of arguments."""

    text: str

    @property
    def first(self) -> str:
        """Its first sentences, on one line."""
        return self.text.partition("\n")[0]

    @property
    def rest(self) -> str:
        """What follows, without the examples, as Markdown."""
        paragraphs = [each for each in self._paragraphs[1:] if not each.startswith(">>>")]
        text = "\n\n".join(_bullets(each) for each in paragraphs)
        text = re.sub(r"(?<![<(\"'])(https?://[^\s;,)]*[^\s;,).])", r"<\1>", text)
        return re.sub(r"(?<!`)\*\*(?!`)", r"\\*\\*", text)

    @property
    def examples(self) -> list[str]:
        """Programs with what they print."""
        return [each for each in self._paragraphs if each.startswith(">>>")]

    @property
    def _paragraphs(self) -> list[str]:
        return re.split(r"\n{2,}", self.text)


def _bullets(paragraph: str) -> str:
    """A section "Args:" as a list, other paragraphs as they are."""
    heading, _, listed = paragraph.partition("\n")
    if heading not in ("Args:", "Returns:", "Raises:") or not listed.startswith(" "):
        return paragraph
    return re.sub(r"^(\w+): ", r"- `\1`: ", textwrap.dedent(listed), flags=re.MULTILINE)


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    text = stars + parameter.name
    if parameter.annotation is not parameter.empty:
        text += f": {_annotation(parameter.annotation)}"
    if parameter.default is not parameter.empty:
        text += f" = {_default(parameter.default)}" if ":" in text else f"={_default(parameter.default)}"
    return text


def _with_marks(parameters: list[inspect.Parameter], shown: list[str]) -> Iterator[str]:
    """The parameters, with `/` and `*` where one cannot be given by name, or only by name."""
    kinds = [each.kind for each in parameters]
    for place, (kind, text) in enumerate(zip(kinds, shown, strict=True)):
        before = kinds[place - 1] if place else None
        if before is inspect.Parameter.POSITIONAL_ONLY and kind is not before:
            yield "/"
        if kind is inspect.Parameter.KEYWORD_ONLY and before not in (kind, inspect.Parameter.VAR_POSITIONAL):
            yield "*"
        yield text
    if kinds and kinds[-1] is inspect.Parameter.POSITIONAL_ONLY:
        yield "/"


def _annotation(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _arrow(annotation: Any) -> str:
    return "" if annotation is inspect.Signature.empty else f" -> {_annotation(annotation)}"


def _default(value: object) -> str:
    text = repr(value)
    return "..." if text.startswith("<") or len(text) > LONGEST else text
