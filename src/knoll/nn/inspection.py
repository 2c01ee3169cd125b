"""Methods of `Module` that look at it: they give way to whatever a network stores under their names.

`torch.nn.Module` has no such methods, so a network written for it may have a layer `self.check` or a buffer `summary`;
it is found before the method. What the methods do stands in packages after `nn` in the order of imports; they are
loaded by name when a method is first called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import update_wrapper
from inspect import getattr_static
from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, Self, TypeVar, overload

from knoll.deferred import html_of, loaded
from knoll.errors import ArgumentTypeError
from knoll.graph import Array, Shape
from knoll.messages import say
from knoll.nn.registry import HOLDERS
from knoll.tensor import Tensor

if TYPE_CHECKING:
    from knoll.check.report import CheckReport
    from knoll.draw import Animation
    from knoll.explain.explanation import Explanation
    from knoll.explain.network_explanation import NetworkExplanation
    from knoll.views.summary import Summary

Input = Shape | Array | Tensor
"""A shape of one sample (c, h, w), a shape of a batch (n, c, h, w), or the numbers themselves."""

Loss = Callable[..., Any] | str
"""A loss: an object, a function, or its name."""

P = ParamSpec("P")
R = TypeVar("R")


class inspection(Generic[P, R]):  # noqa: N801 (it is written as a decorator)
    """A method that is looked up last: after the object's attributes, parameters, buffers and modules."""

    def __init__(self, method: Callable[Concatenate[Any, P], R]) -> None:
        self.method = method
        self.__name__: str = method.__name__
        update_wrapper(self, method)

    @overload
    def __get__(self, module: None, owner: type) -> Self: ...
    @overload
    def __get__(self, module: object, owner: type) -> Callable[P, R]: ...
    def __get__(self, module: object | None, owner: type) -> Self | Callable[P, R]:
        """What the object stores under this name, else the method."""
        if module is None:
            return self
        for place in HOLDERS:
            stored = module.__dict__.get(place, {})
            if self.__name__ in stored:
                found: Callable[P, R] = stored[self.__name__]
                return found
        return MethodType(self.method, module)

    def __call__(self, module: Any = None, *args: P.args, **kwargs: P.kwargs) -> R:
        """The method called by way of the class: `Module.explain(layer)`. Raises ArgumentTypeError without a layer."""
        if getattr_static(type(module), self.__name__, None) is not self:
            advice = f"layer = nn.Conv2d(3, 6, 3); layer.{self.__name__}((3, 32, 32))"
            raise ArgumentTypeError(say("nn.asked_of_class", name=self.__name__), advice=advice)
        result: R = self.method(module, *args, **kwargs)
        return result


def is_taken(module: object, name: str) -> bool:
    """Whether an object has an attribute of this name; a method that would give way to it is none."""
    if not isinstance(getattr_static(type(module), name, None), inspection):
        return hasattr(module, name)
    return name in module.__dict__ or any(name in module.__dict__.get(place, ()) for place in HOLDERS)


class Inspections:
    """The methods of `Module` that look at it."""

    @inspection
    def explain(self, *inputs: Input) -> Explanation | NetworkExplanation:
        """What the layer does with inputs of these shapes, and what each of its arguments means for them.

        A network is explained layer by layer: `net.explain(shape)["0"]` explains the layer of that name. It is told in
        the language of `KNOLL_LANG`, "en" or "zh", else of the locale.

        Raises ArgumentError for a module that has no words, and what the layer raises for inputs that do not fit.

        >>> from knoll import nn
        >>> nn.Conv2d(3, 6, 3, stride=2).explain((3, 32, 32)).outputs
        ((6, 15, 15),)
        """
        explanation: Explanation | NetworkExplanation = loaded("explain", "explanation_of")(self, *inputs)
        return explanation

    @inspection
    def check(
        self,
        *inputs: Input,
        loss: Loss | None = None,
        batch_size: int | None = None,
        classes: int | None = None,
        data: Any = None,
        mode: Literal["train", "eval"] | None = None,
        ignore: Iterable[str] = (),
    ) -> CheckReport:
        """What is wrong with the network, found before it sees any data: `knoll.check.check` tells the arguments.

        Raises ArgumentError.

        >>> from knoll import nn
        >>> net = nn.Sequential(nn.Flatten(), nn.Linear(3072, 64), nn.Linear(64, 10))
        >>> [finding.rule for finding in net.check((3, 32, 32)).findings]
        ['missing-activation']
        """
        report: CheckReport = loaded("check", "check")(
            self, *inputs, loss=loss, batch_size=batch_size, classes=classes, data=data, mode=mode, ignore=ignore
        )
        return report

    @inspection
    def animate(
        self,
        *inputs: Input,
        backward: bool = False,
        dy: Array | None = None,
        compare: Mapping[str, object] | None = None,
        head: int | None = None,
    ) -> Animation:
        """The layer at work on these numbers, in motion: `knoll.animate.animate` tells the arguments.

        It plays in a notebook; `save` writes SVG, HTML, GIF, PNG or WebP. Raises ArgumentError, and what the layer
        raises for inputs that do not fit.

        >>> from knoll import nn
        >>> len(nn.MaxPool2d(2).animate((1, 4, 4)).frames)
        4
        """
        animation: Animation = loaded("animate", "animate")(
            self, *inputs, backward=backward, dy=dy, compare=compare, head=head
        )
        return animation

    @inspection
    def summary(self, *inputs: Input, mode: Literal["train", "eval"] = "eval", measure: bool = False) -> Summary:
        """Every layer in the order of calls: shapes, parameters, work, memory, receptive field, and all together.

        In mode "train" it is what a step of a training computes forward, and keeps for backward. With `measure` the
        steps of the compiled network are timed, too. A network that fails is told up to the failure. Raises
        ArgumentError for what is no input.

        >>> from knoll import nn
        >>> nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()).summary((3, 32, 32)).total.parameters
        224
        """
        found: Summary = loaded("views", "summary")(self, *inputs, mode=mode, measure=measure)
        return found

    def _repr_html_(self) -> str | None:
        return html_of("views.module_display", "module_html", self)
