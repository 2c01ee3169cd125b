"""One check for every kind of argument, where a call enters the library.

`@public("sum")` reads the annotations of a function and puts a function of the same signature in front of it. That one
lets pass what is of the right type, converts what stands for it (NumPy's numbers and arrays, tensors of one element),
and refuses the rest in PyTorch's words. What a function is given is then what its annotations say. Memory that the
system refuses to a function is an OutOfMemoryError.

Its code is written for the function (`checking_code.py`), so that a call that is right costs one more call and a
comparison for each argument.
"""

from __future__ import annotations

import inspect
import operator
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import update_wrapper
from types import FunctionType
from typing import Annotated, Any, NoReturn, TypeAlias, TypeVar, cast

import numpy as np

from knoll.calls import missing_sentence, refused
from knoll.deferred import loaded
from knoll.errors import (  # noqa: F401 (the written code finds two of them here)
    ArgumentError,
    ArgumentTypeError,
    DataDependenceError,
    OutOfMemoryError,
)
from knoll.graph import Array
from knoll.graph.memory_limit import MAX_INT64
from knoll.messages import say
from knoll.tensor import not_a_tensor
from knoll.tensor.base import T, TensorBase
from knoll.tensor.checking_code import Kind, compiled, source
from knoll.tensor.data import array_of
from knoll.tensor.storage.memory_format import memory_format

F = TypeVar("F", bound=Callable[..., Any])
Sizes: TypeAlias = int | Sequence[int]  # `*size: Sizes` is (2, 3) or ((2, 3),)
Dims: TypeAlias = int | Sequence[int] | None
Targets: TypeAlias = Sequence[TensorBase] | None  # what several results are written into
Flag = bool  # or anything that Python takes for one
Operand: TypeAlias = TensorBase | float | np.generic | Array
Left: TypeAlias = Annotated[T, Operand]  # an operand that says what class of tensors the result has
Comparand = Any  # an operand, or anything else, which is then equal to no tensor


def _refuse(value: Any, function: str, name: str, kind: str, position: int = 0, advice: str | None = None) -> NoReturn:
    """Raise PyTorch's sentence about an argument of the wrong type; it counts positions where they are known."""
    counted = f" (position {position})" if position else ""
    raise ArgumentTypeError(
        f"{function}(): argument '{name}'{counted} must be {kind}, not {type(value).__name__}", advice=advice
    )


def tensor(value: Any, function: str, name: str = "input", position: int = 0) -> Any:
    """`value` as a tensor; a NumPy array is wrapped, anything else refused."""
    if isinstance(value, TensorBase):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return TensorBase._over(array_of(value))
    _refuse(value, function, name, "Tensor", position, not_a_tensor.advice(value))


def tensors(value: Any, function: str, name: str) -> Any:
    """A list or tuple of tensors, or one tensor, whose parts along the first axis are taken."""
    if isinstance(value, TensorBase):
        return tuple(cast(Any, value))
    if not isinstance(value, (list, tuple)):
        _refuse(value, function, name, "tuple of Tensors")
    for place, part in enumerate(value):
        if not isinstance(part, (TensorBase, np.ndarray, np.generic)):
            raise ArgumentTypeError(
                f"expected Tensor as element {place} in argument 0, but got {type(part).__name__}",
                advice=say("tensor.make_tensor"),
            )
    return tuple(tensor(part, function, name) for part in value)


def _as_float(value: int, name: str) -> int:
    """An integer that a float can be near to. Raises ArgumentError."""
    if abs(value) > sys.float_info.max:
        raise ArgumentError("Overflow when unpacking long long", got=name)
    return value


def operand(value: Any, function: str, name: str) -> Any:
    """A tensor, an array or a real number; one of NumPy's counts as Python's."""
    if isinstance(value, int):
        return _as_float(value, name)
    if isinstance(value, (TensorBase, float)):
        return value
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return value.item()
    return tensor(value, function, name)


def integer(value: Any, function: str, name: str, position: int = 0, most: int = MAX_INT64) -> int:
    """An int of 64 bits, up to `most`; True and False are none, floats neither. Raises ArgumentError."""
    if not isinstance(value, (bool, np.bool_)):
        try:
            number = operator.index(value)
        except TypeError:
            pass
        else:
            if not -MAX_INT64 - 1 <= number <= most:
                raise ArgumentError("Overflow when unpacking long long", got=f"{name}={number}")
            return number
    _refuse(value, function, name, "int", position)


def integers(value: Any, function: str, name: str) -> int | tuple[int, ...]:
    """An int, or a list or tuple of them."""
    if not isinstance(value, (list, tuple)):
        return integer(value, function, name) if hasattr(value, "__index__") else _not_ints(value, function, name)
    numbers = []
    for place, part in enumerate(value):
        try:
            numbers.append(integer(part, function, name))
        except ArgumentTypeError:
            raise ArgumentTypeError(
                f"{function}(): argument '{name}' must be tuple of ints, but found element of type "
                f"{type(part).__name__} at pos {place}"
            ) from None
    return tuple(numbers)


def _not_ints(value: Any, function: str, name: str) -> NoReturn:
    _refuse(value, function, name, "tuple of ints")


def named_sizes(given: tuple[Any, ...], value: Any, function: str, name: str) -> tuple[Any, ...]:
    """Sizes that come by their name, which are a list or a tuple; `given` is what came without it."""
    if value is _ABSENT:
        raise ArgumentTypeError(f'{function}() missing 1 required positional arguments: "{name}"')
    if given:
        raise ArgumentTypeError(f"{function}() got multiple values for argument '{name}'")
    if not isinstance(value, (list, tuple)):
        _refuse(value, function, name, "tuple of ints")
    return (value,)


def real(value: Any, function: str, name: str, position: int = 0) -> float:
    """A real number as Python's own; a tensor of one element stands for its number."""
    if isinstance(value, int):
        return _as_float(value, name)
    if isinstance(value, float):
        return value
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return cast(float, value.item())
    if isinstance(value, TensorBase) and not cast(Any, value).shape:
        return cast(float, cast(Any, value).item())
    _refuse(value, function, name, "Number", position)


def truth(value: Any, function: str, name: str, position: int = 0) -> bool:
    """True or False."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    _refuse(value, function, name, "bool", position)


def array(value: Any, function: str, name: str) -> Array:
    """A NumPy array."""
    if isinstance(value, np.ndarray):
        return value
    _refuse(value, function, name, "np.ndarray")


def text(value: Any, function: str, name: str) -> str:
    """A str."""
    if isinstance(value, str):
        return value
    _refuse(value, function, name, "str")


def file_name(value: Any, function: str, name: str) -> str | os.PathLike[str]:
    """The name of a file or a folder."""
    if isinstance(value, (str, os.PathLike)):
        return value
    _refuse(value, function, name, "str or os.PathLike")


def generator(value: Any, function: str, name: str) -> np.random.Generator:
    """A generator of random numbers."""
    if isinstance(value, np.random.Generator):
        return value
    _refuse(value, function, name, "numpy.random.Generator")


def layout(value: Any, function: str, name: str) -> memory_format:
    """A memory format."""
    if isinstance(value, memory_format):
        return value
    _refuse(value, function, name, "torch.memory_format")


def called(value: Any, function: str, name: str) -> Callable[..., Any]:
    """What can be called."""
    if callable(value):
        return cast(Callable[..., Any], value)
    _refuse(value, function, name, "callable")


def items(value: Any, function: str, name: str) -> list[Any]:
    """What a list, a tuple, a generator or another iterable holds; texts and mappings are none."""
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        try:
            return list(value)
        except TypeError:  # an array without axes
            pass
    _refuse(value, function, name, "iterable")


def sized(value: Any) -> None:
    """Refuse what has no length, and is therefore no data set."""
    if not hasattr(value, "__len__") or isinstance(value, type) or getattr(value, "shape", None) == ():
        raise ArgumentTypeError(f"object of type '{type(value).__name__}' has no len()")


def truthy(value: Any, function: str, name: str) -> bool:
    """What Python takes for true, for arguments that PyTorch does not look at either."""
    try:
        return bool(value)
    except Exception:  # noqa: BLE001 (an array of many elements, or any other class's own refusal)
        _refuse(value, function, name, "bool")


_INT64 = f"{{0}}.__class__ is int and {-MAX_INT64 - 1} <= {{0}} <= {MAX_INT64}"
_KINDS = {
    **dict.fromkeys(("Tensor", "T", "TensorBase"), Kind("isinstance({0}, TensorBase)", tensor)),
    **dict.fromkeys(("Tensor | None", "T | None"), Kind("{0} is None or isinstance({0}, TensorBase)", tensor)),
    **dict.fromkeys(("Sequence[Tensor]", "Sequence[T]"), Kind("False", tensors)),
    **dict.fromkeys(
        ("Operand", "Left[T]", "Comparand"),
        Kind("isinstance({0}, TensorBase) or {0}.__class__ is float or " + _INT64, operand),
    ),
    "Operand | None": Kind("{0} is None or isinstance({0}, TensorBase)", operand),
    "int": Kind(_INT64, integer),
    "int | None": Kind("{0} is None or " + _INT64, integer),
    "Dims": Kind("{0} is None or " + _INT64, integers),
    "float": Kind("{0}.__class__ is float or " + _INT64, real),
    "float | None": Kind("{0} is None or {0}.__class__ is float", real),
    "bool": Kind("{0} is True or {0} is False", truth),
    "Flag": Kind("{0} is True or {0} is False", truthy),
    "str": Kind("{0}.__class__ is str", text),
    "str | None": Kind("{0} is None or {0}.__class__ is str", text),
    "str | os.PathLike[str]": Kind("{0}.__class__ is str", file_name),
    **dict.fromkeys(("Generator", "np.random.Generator | None"), Kind("{0} is None", generator)),
    "Format | None": Kind("{0} is None", layout),
    "Callable": Kind("callable({0})", called),
}


def each_example(error: Exception, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function gives for one example after the other; see `tensor/mapped.py`, which stands later."""
    return loaded("tensor.mapped", "each_example")(error, function, args, kwargs)


_ABSENT = object()
_CONVERT = sys.modules[__name__]  # where the written code finds the conversions


def written(out: Any, function: str, computed: Callable[[], Any]) -> Any:
    """`out` with the numbers of a result; see `tensor/out.py`, which stands later."""
    return loaded("tensor.out", "written")(out, function, computed)


def made_in(out: Any, function: str, dtype: Any, requires_grad: bool, computed: Callable[[Any], Any]) -> Any:
    """`out` with the numbers of a new tensor; see `tensor/out.py`, which stands later."""
    return loaded("tensor.out", "made_in")(out, function, dtype, requires_grad, computed)


def refuse_call(
    function: str, inner: FunctionType, required: Mapping[str, Any], extra: tuple[Any, ...], unknown: Mapping[str, Any]
) -> NoReturn:
    """Refuse a call that lacks some of the arguments without a default, or has too many or unknown ones."""
    lacking = [name for name, value in required.items() if value is _ABSENT]
    parameters = list(inspect.signature(inner).parameters.values())
    if parameters and parameters[0].name == "x":
        parameters[0] = parameters[0].replace(name="input")
    if lacking:
        reason = missing_sentence(function, lacking)
    elif unknown:
        reason = f"{function}() got an unexpected keyword argument '{next(iter(unknown))}'"
    else:
        positional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
        least, most = sum(each.default is each.empty for each in positional), len(positional)
        taken = f"{most}" if least == most else f"from {least} to {most}"
        arguments = "argument" if taken == "1" else "arguments"
        reason = f"{function}() takes {taken} positional {arguments} but {most + len(extra)} were given"
    raise refused(reason, function, parameters, unknown)


def public(name: str, like: Callable[..., Any] | None = None) -> Callable[[F], F]:
    """Check the arguments of a function that PyTorch calls `name` by its annotations, before it is called.

    A first argument named x is called `input` outside, as in PyTorch; sizes may come by their name too, and `dim` and
    `keepdim` by NumPy's. Annotations that are not in `_KINDS` say what the function looks at itself. A function that
    passes on whatever it is given has the arguments and annotations of another one, that it is `like`. Where a function
    has an argument `out`, the result is written there; the function itself is not given it.

    >>> @public("twice")
    ... def twice(x: Tensor, times: int = 2) -> Tensor: return x * times
    >>> twice(3)
    Traceback (most recent call last):
    knoll.errors.ArgumentTypeError: twice(): argument 'input' must be Tensor, not int
      try: knoll.tensor(x) for numbers and lists, ToTensor() for pictures
    """

    def checked(function: F) -> F:
        inner = cast(FunctionType, function if like is None else unchecked(like))
        made: dict[str, Any] = {}
        exec(compiled(source(inner, _KINDS, writes=like is None)), inner.__globals__, made)  # noqa: S102 (the text is made of names and annotations)
        outer = cast(FunctionType, made["bind"](function, inner, name, TensorBase, _CONVERT, _ABSENT))
        later = len(outer.__defaults__ or ()) - len(inner.__defaults__ or ())  # that may be missing
        outer.__defaults__ = (_ABSENT,) * later + (inner.__defaults__ or ()) or None
        outer.__kwdefaults__ = {**(outer.__kwdefaults__ or {}), **(inner.__kwdefaults__ or {})}
        return cast(F, update_wrapper(outer, inner))

    return checked


def unchecked(function: F) -> F:
    """The function behind `public`: for Python's operators, which are asked about operands of any kind."""
    return cast(F, cast(Any, function).__wrapped__)


def name_methods(cls: type) -> None:
    """Let Python's own errors call methods of a class of tensors by their names, where functions have others.

    The first name of a function is its own; pickle finds the function by it.
    """
    named: set[FunctionType] = set()
    bases = cls.__mro__[: cls.__mro__.index(TensorBase)]
    for name, function in [item for base in bases for item in vars(base).items()]:
        if isinstance(function, FunctionType) and not name.startswith("_") and function not in named:
            named.add(function)
            if function.__name__ != name:
                function.__module__, function.__qualname__ = cls.__module__, f"{cls.__name__}.{name}"
