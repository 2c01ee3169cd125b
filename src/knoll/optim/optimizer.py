"""Optimizer: groups of parameters with their settings, and what is remembered of each parameter."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from knoll.deferred import html_of, loaded
from knoll.errors import ArgumentError, ArgumentTypeError, EntryError, UnsupportedError, warn
from knoll.graph import Array
from knoll.messages import say
from knoll.optim.hooks import Hooked, observed
from knoll.tensor import Tensor, enable_grad
from knoll.tensor.arguments import called, truthy
from knoll.tensor.autograd.gradients import forget_gradient

if TYPE_CHECKING:
    from knoll.explain.training.explanation import TrainingExplanation

Group = dict[str, Any]
R = TypeVar("R")


class _Required:
    """A default that every group has to set itself."""

    def __repr__(self) -> str:
        return "<required parameter>"


required: _Required = _Required()


class Optimizer(Hooked):
    """Base class of every optimiser, as `torch.optim.Optimizer`.

    `params` are tensors, pairs of a name and a tensor, or groups: dicts with the key "params" and settings of their
    own. An optimiser of one's own overrides `step`, or `update` for one parameter alone.
    Raises ArgumentTypeError and ArgumentError for anything that cannot be optimised.
    Source: https://pytorch.org/docs/stable/optim.html

    >>> import knoll
    >>> class Sign(knoll.optim.Optimizer):
    ...     def __init__(self, params, lr):
    ...         super().__init__(params, {"lr": lr})
    ...
    ...     @knoll.no_grad()
    ...     def step(self, closure=None):
    ...         for group in self.param_groups:
    ...             for p in group["params"]:
    ...                 p.sub_(group["lr"] * p.grad.sign())
    >>> w = knoll.tensor([3.0, -2.0], requires_grad=True)
    >>> optimizer = Sign([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 2.5000, -1.5000], requires_grad=True)
    """

    scheduled_step: Any = None  # what stood in the place of `step` when a schedule was made

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        super().__init__()
        if not isinstance(defaults, dict):
            raise ArgumentTypeError(f"defaults must be a dict, but got {type(defaults)}")
        self.defaults = defaults
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        given = _listed(params)
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Optimise the tensors of another group too, with settings of its own; missing ones are set in it."""
        if not isinstance(param_group, dict):
            raise ArgumentTypeError(f"param_group must be a dict, but got {type(param_group)}")
        if "params" not in param_group:
            raise ArgumentError(say("optim.no_params"), got=", ".join(map(str, param_group)) or "{}")
        param_group.update(_parameters_of(param_group["params"]))
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ArgumentError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        self._refuse_known(param_group)
        self.check(param_group)
        self.param_groups.append(param_group)

    def explain(self) -> TrainingExplanation:
        """What every setting of the optimiser means, and some steps that are really done on one number.

        Its own parameters stay as they are. Raises ArgumentError for an optimiser that there are no words for.

        >>> import knoll
        >>> knoll.optim.SGD([knoll.zeros(1)], lr=0.1, momentum=0.9).explain().written
        'SGD(lr=0.1, momentum=0.9)'
        """
        explanation: TrainingExplanation = loaded("explain", "explain_optimizer")(self)
        return explanation

    def _refuse_known(self, group: Group) -> None:
        """Refuse parameters that are optimised already, and groups that mix those with and without names."""
        ids = {id(param) for param in group["params"]}
        if len(ids) < len(group["params"]):
            warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information"
            )
        for known in self.param_groups:
            if ("param_names" in group) != ("param_names" in known):
                kind = "with names" if "param_names" in group else "without names"
                raise ArgumentError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {kind} to the optimizer"
                )
            if not ids.isdisjoint(id(param) for param in known["params"]):
                raise ArgumentError(
                    "some parameters appear in more than one parameter group", advice=say("optim.one_group")
                )

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:  # noqa: ARG002 (for those who override it)
        """Change the numbers of one parameter."""
        raise UnsupportedError(say("optim.own_optimizer", name=type(self).__name__))

    def _update_group(self, learned: Sequence[tuple[Tensor, Array]], group: Group) -> None:
        """Change the numbers of the parameters of a group that have a gradient."""
        for param, gradient in learned:
            self.update(param, gradient, group)

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], R]) -> R: ...
    @observed
    def step(self, closure: Callable[[], R] | None = None) -> R | None:
        """Let every parameter that has a gradient follow it; `closure` computes the loss anew, which is returned."""
        loss: R | None = None
        if closure is not None:
            if not callable(closure):
                raise ArgumentTypeError(
                    f"'{type(closure).__name__}' object is not callable", advice=say("optim.closure")
                )
            with enable_grad():
                loss = called(closure, "step", "closure")()
        for group in self.param_groups:
            learned = [(param, param.grad._realize()) for param in group["params"] if param.grad is not None]
            try:
                self._update_group(learned, group)
            finally:
                for param, _ in learned:
                    param._memory.version += 1
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or make them zero where they are."""
        set_to_none = truthy(set_to_none, "zero_grad", "set_to_none")
        for group in self.param_groups:
            for param in group["params"]:
                forget_gradient(param, set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """What the optimiser remembers, with numbers in place of parameters, as PyTorch lays it out.

        What a subclass keeps under other keys stays under them. Raises EntryError for a tensor that is no parameter.
        """
        for hook in tuple(self._optimizer_state_dict_pre_hooks.values()):
            hook(self)
        number: dict[int, int] = {}
        for place, param in enumerate(self._parameters()):
            number.setdefault(id(param), place)
        groups = [{**group, "params": [number[id(param)] for param in group["params"]]} for group in self.param_groups]
        for group in groups:
            group["params"] = group.pop("params")  # last, as in PyTorch
        state: dict[str, Any] = {
            "state": {_numbered(key, number): _shallow(entry) for key, entry in self.state.items()},
            "param_groups": groups,
        }
        for hook in tuple(self._optimizer_state_dict_post_hooks.values()):
            result = hook(self, state)
            state = state if result is None else result
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved. Raises ArgumentError where it is that of other groups."""
        state = dict(_checked(state_dict))
        for hook in tuple(self._optimizer_load_state_dict_pre_hooks.values()):
            result = hook(self, state)
            state = state if result is None else _checked(result)
        groups = state["param_groups"]
        self._refuse_other_groups(groups)
        param_of = dict(zip(chain(*(group["params"] for group in groups)), self._parameters(), strict=True))
        self.state = defaultdict(dict)
        for number, remembered in state["state"].items():
            param = param_of.get(number)
            self.state[number if param is None else param] = _fitted(None, remembered, param)
        for group, saved in zip(self.param_groups, groups, strict=True):
            group.update({name: deepcopy(value) for name, value in saved.items() if name != "params"})
        for hook in tuple(self._optimizer_load_state_dict_post_hooks.values()):
            hook(self)

    def _refuse_other_groups(self, groups: list[Group]) -> None:
        sizes, own = ([len(group["params"]) for group in listed] for listed in (groups, self.param_groups))
        if sizes != own:
            raise ArgumentError(
                "loaded state dict has a different number of parameter groups"
                if len(sizes) != len(own)
                else "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
                expected=say("optim.groups", count=len(own), sizes=own),
                got=say("optim.groups", count=len(sizes), sizes=sizes),
                advice=say("optim.same_model"),
            )

    def _parameters(self) -> Iterable[Tensor]:
        return chain.from_iterable(group["params"] for group in self.param_groups)

    def _repr_html_(self) -> str | None:
        return html_of("views.optim_display", "optimizer_html", self)

    def __repr__(self) -> str:
        groups = (
            f"\nParameter Group {number}\n"
            + "".join(f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params")
            for number, group in enumerate(self.param_groups)
        )
        return f"{type(self).__name__} ({''.join(groups)})"


def _listed(params: Iterable[Any]) -> list[Any]:
    """The parameters or groups, of which there is at least one."""
    if isinstance(params, Tensor):
        raise ArgumentTypeError(
            "params argument given to the optimizer should be an iterable of Tensors or dicts, "
            f"but got {params.type()}",
            advice=say("optim.parameters"),
        )
    try:
        given = list(params)
    except TypeError:
        raise ArgumentTypeError(
            f"'{type(params).__name__}' object is not iterable",
            advice=say("optim.call_parameters" if inspect.ismethod(params) else "optim.parameters"),
        ) from None
    if _has_parameters(params):  # a Sequential can be gone through, but gives layers
        raise ArgumentTypeError(
            "params argument given to the optimizer should be an iterable of Tensors or dicts, "
            f"but got {type(params).__name__}",
            advice=say("optim.parameters"),
        )
    if not given:
        raise ArgumentError("optimizer got an empty parameter list", advice=say("optim.used_up"))
    return given


def _has_parameters(given: object) -> bool:
    """Whether it is a network, which was given in place of its parameters."""
    return callable(getattr(given, "parameters", None))


def _parameters_of(params: Any) -> Group:
    """The parameters of a group, and their names if they have any. Raises ArgumentTypeError and ArgumentError."""
    if isinstance(params, set):
        raise ArgumentTypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
            "will change between runs. Please use a list instead."
        )
    listed = [params] if isinstance(params, Tensor) else _listed_or_empty(params)
    for param in listed:
        if isinstance(param, tuple) and len(param) != 2:
            raise ArgumentTypeError(say("optim.named_pair"), got=repr(param))
    names = [param[0] for param in listed if isinstance(param, tuple)]
    if names and len(names) != len(listed):
        raise ArgumentError("all optimizer params should be with/without names. Some param names are missing")
    tensors = [param[1] if isinstance(param, tuple) else param for param in listed]
    for param in tensors:
        _check_parameter(param)
    return {"params": tensors, **({"param_names": names} if names else {})}


def _listed_or_empty(params: Any) -> list[Any]:
    """The parameters of a group, which may have none."""
    if isinstance(params, list | tuple) and not params:
        return []
    return _listed(params)


def _check_parameter(param: Any) -> None:
    if not isinstance(param, Tensor):
        raise ArgumentTypeError(
            f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}",
            advice=say("optim.parameters"),
        )
    if not (param.is_leaf or param.retains_grad):
        raise ArgumentError("can't optimize a non-leaf Tensor", advice=say("optim.leaf"))


def _checked(state_dict: Any) -> dict[str, Any]:
    """A state dict. Raises ArgumentTypeError and ArgumentError where it is none."""
    if not isinstance(state_dict, Mapping):
        raise ArgumentTypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    missing = [name for name in ("state", "param_groups") if name not in state_dict]
    if missing:
        raise ArgumentError(say("optim.no_state", names=", ".join(missing)), advice=say("optim.which_state"))
    return dict(state_dict)


def _numbered(key: Any, number: dict[int, int]) -> Any:
    if isinstance(key, Tensor) and id(key) not in number:
        raise EntryError(say("optim.foreign_state"), got=say("optim.foreign_key", shape=tuple(key.shape)))
    return number[id(key)] if isinstance(key, Tensor) else key


def _shallow(entry: Any) -> Any:
    return dict(entry) if isinstance(entry, dict) else entry


def _fitted(name: str | None, value: Any, param: Tensor | None) -> Any:
    """A copy of what was remembered, in the element type of the parameter; counts of steps keep theirs."""
    if isinstance(value, Tensor):
        kept = name == "step" or param is None or not np.issubdtype(param._realize().dtype, np.floating)
        return Tensor._over(
            np.array(value._realize(), value.dtype if param is None or kept else param.dtype, order="C")
        )
    if isinstance(value, dict):
        return {key: _fitted(key, part, param) for key, part in value.items()}
    if name == "step" and isinstance(value, int | float):  # as PyTorch saved it once
        return Tensor._over(np.array(value, np.float32))
    if type(value) in (list, tuple):
        return type(value)(_fitted(None, part, param) for part in value)
    return deepcopy(value)
