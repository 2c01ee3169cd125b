"""Weights that torchvision published: where they lie, what images they were trained on, and how a builder takes them.

Source: https://pytorch.org/vision/stable/models.html#initializing-pre-trained-models
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import wraps
from typing import Any, TypeVar, cast, get_type_hints

from knoll.calls import advised, refused
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.hub import load_state_dict_from_url
from knoll.messages import say
from knoll.nn import Module
from knoll.vision.transforms.transform import Transform

__all__ = ["Weights", "WeightsEnum"]

Network = TypeVar("Network", bound=Module)
Builder = Callable[..., Module]


@dataclass(frozen=True)
class Weights:
    """A file of weights: its address, the transform that its images went through, and what else is known of it.

    `meta` has `num_params`, `categories` (the names of the classes), `min_size` (of images), `recipe` and `_metrics`.
    """

    url: str
    transforms: Callable[[], Transform] = field(compare=False, repr=False)
    meta: dict[str, Any] = field(compare=False, repr=False)


class WeightsEnum(Enum):
    """The files of weights that were published for a network; `DEFAULT` is the best of them.

    >>> from knoll.vision.models import ResNet18_Weights
    >>> ResNet18_Weights.DEFAULT, ResNet18_Weights.DEFAULT.meta["categories"][698]
    (ResNet18_Weights.IMAGENET1K_V1, 'palace')
    """

    @classmethod
    def verify(cls, obj: Any) -> Any:
        """The member that is meant: one of this class, its name, or None. Raises ArgumentError, ArgumentTypeError."""
        if isinstance(obj, str):
            name = obj.removeprefix(f"{cls.__name__}.")
            if name not in cls.__members__:
                raise ArgumentError(say("vision.unknown_weights", name=name), expected=", ".join(cls.__members__))
            return cls[name]
        if obj is not None and not isinstance(obj, cls):
            raise ArgumentTypeError(
                f"Invalid Weight class provided; expected {cls.__name__} but received {type(obj).__name__}.",
                expected=", ".join(f"{cls.__name__}.{name}" for name in cls.__members__),
            )
        return obj

    def get_state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The weights, fetched once; the arguments are those of `hub.load_state_dict_from_url`. Raises FileError."""
        return load_state_dict_from_url(self.url, *args, **kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return getattr, (type(self), self.name)

    @property
    def url(self) -> str:
        """Where the file lies."""
        url: str = self.value.url
        return url

    @property
    def transforms(self) -> Callable[[], Transform]:
        """Call it for the transform that images go through before the network sees them."""
        make: Callable[[], Transform] = self.value.transforms
        return make

    @property
    def meta(self) -> dict[str, Any]:
        """What is known of the weights."""
        known: dict[str, Any] = self.value.meta
        return known


_CHOICE = [
    inspect.Parameter("weights", inspect.Parameter.KEYWORD_ONLY, default=None, annotation="Any"),
    inspect.Parameter("progress", inspect.Parameter.KEYWORD_ONLY, default=True, annotation="bool"),
]
PUBLISHED: dict[Builder, type[WeightsEnum]] = {}  # the weights that a builder takes


def published(
    kind: type[WeightsEnum], *, parts: str = "", **trained: Any
) -> Callable[[Callable[..., Network]], Callable[..., Network]]:
    """Let a builder take `weights`: a member of `kind`, its name, or None; `pretrained=True` is the first of them.

    The network is then as large as the weights were trained: another `num_classes` raises ArgumentError.
    A builder with `**config` passes it on to the class of its network, whose arguments it takes.

    - `trained`: arguments that a network with weights gets where a call does not give them.
    - `parts`: how the keys of what a network may lack begin in the file.
    """

    def decorate(builder: Callable[..., Network]) -> Callable[..., Network]:
        signature = _signature(builder)

        @wraps(builder)
        def build(
            *args: Any, weights: Any = None, progress: bool = True, pretrained: bool = False, **config: Any
        ) -> Network:
            if args and isinstance(args[0], bool):
                pretrained, args = args[0], args[1:]
            for name in config.keys() - signature.parameters.keys():
                reason = f"{builder.__name__}() got an unexpected keyword argument {name!r}"
                raise refused(reason, builder.__name__, [*signature.parameters.values(), *_CHOICE], config)
            wanted = kind.verify(_current(kind, pretrained if weights is None else weights))
            if wanted is None:
                return builder(*args, **config)
            given = signature.bind_partial(*args, **config).arguments
            return with_weights(builder, wanted, progress, parts, **{**trained, **given})

        cast(Any, build).__signature__ = signature.replace(parameters=[*signature.parameters.values(), *_CHOICE])
        told = advised(build)
        PUBLISHED[told] = kind
        return told

    return decorate


def with_weights(
    make: Callable[..., Network], weights: WeightsEnum | None, progress: bool = True, parts: str = "", **config: Any
) -> Network:
    """The network that `make(**config)` gives, and in it the weights, if there are any; `parts` as in `published`.

    It is as large as the weights were trained: another `num_classes` raises ArgumentError.
    """
    if weights is None:
        return make(**config)
    classes = len(weights.meta["categories"] or range(1000))
    if config.get("num_classes", classes) != classes:
        raise ArgumentError(
            f"The parameter 'num_classes' expected value {classes} but got {config['num_classes']} instead.",
            advice=say("vision.other_classes", name=getattr(make, "func", make).__name__),
        )
    net = make(**config)
    _load(net, weights.get_state_dict(progress=progress, check_hash=True), parts)
    return net


def _signature(builder: Builder) -> inspect.Signature:
    """What a builder takes: its own arguments and, for `**config`, those with defaults of the class that it makes."""
    signature = inspect.signature(builder)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    if len(own) == len(signature.parameters):
        return signature
    names = [each.name for each in own]
    network = inspect.signature(get_type_hints(builder)["return"])
    passed = [
        each.replace(kind=each.KEYWORD_ONLY) for each in network.parameters.values() if each.default != each.empty
    ]
    return signature.replace(parameters=[*own, *(each for each in passed if each.name not in names)])


def _load(net: Module, state: dict[str, Any], parts: str) -> None:
    """Load a file, without the parts whose keys begin with `parts` if the network has none of them."""
    if parts and not any(key.startswith(parts) for key in net.state_dict()):
        state = {key: value for key, value in state.items() if not key.startswith(parts)}
    net.load_state_dict(state)


def _current(kind: type[WeightsEnum], wish: Any) -> Any:
    """What is meant by the wish for weights, or by that for none, which older programs write as True and False."""
    return (next(iter(kind)) if wish else None) if isinstance(wish, bool) else wish
