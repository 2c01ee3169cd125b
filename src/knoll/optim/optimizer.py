"""Optimizer: groups of parameters with their settings, and what is remembered of each parameter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Array
from knoll.messages import say
from knoll.tensor import Tensor, enable_grad

Group = dict[str, Any]


class Optimizer:
    """The base of every optimiser, as `torch.optim.Optimizer`.

    `params` are tensors, pairs of a name and a tensor, or groups: dicts with the key "params" and settings of their
    own.
    Raises ArgumentTypeError and ArgumentError for anything that cannot be optimised.
    Source: https://pytorch.org/docs/stable/optim.html
    """

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        if isinstance(params, Tensor):
            raise ArgumentTypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {params.type()}",
                advice=say("optim.parameters"),
            )
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self.steps = 0
        given = list(params)
        if not given:
            raise ArgumentError("optimizer got an empty parameter list", advice=say("optim.used_up"))
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Optimise the tensors of another group too, with settings of its own."""
        group = {**self.defaults, **param_group}
        if isinstance(group["params"], set):
            raise ArgumentTypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        params = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        group["params"] = [param[1] if isinstance(param, tuple) else param for param in params]
        for param in group["params"]:
            _check_parameter(param)
        known = {id(param) for known in self.param_groups for param in known["params"]}
        if len({id(param) for param in group["params"]} - known) != len(group["params"]):
            raise ArgumentError(
                "some parameters appear in more than one parameter group", advice=say("optim.one_group")
            )
        self.check(group)
        self.param_groups.append(group)

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """Change the numbers of one parameter."""
        raise NotImplementedError

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Let every parameter that has a gradient follow it; `closure` computes the loss anew, which is returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    self.update(param, param.grad._numbers(), group)
                    param._memory.version += 1
        self.steps += 1
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or make them zero."""
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                elif param.grad is not None:
                    param.grad = param.grad.detach().zero_()

    def state_dict(self) -> dict[str, Any]:
        """What the optimiser remembers, with numbers in place of parameters, as PyTorch lays it out."""
        number = {id(param): i for i, param in enumerate(self._parameters())}
        groups = [{**group, "params": [number[id(param)] for param in group["params"]]} for group in self.param_groups]
        for group in groups:
            group["params"] = group.pop("params")  # last, as in PyTorch
        return {
            "state": {number[id(param)]: dict(remembered) for param, remembered in self.state.items()},
            "param_groups": groups,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved. Raises ArgumentError where it is that of other groups."""
        groups = state_dict["param_groups"]
        sizes, own = ([len(group["params"]) for group in listed] for listed in (groups, self.param_groups))
        if sizes != own:
            raise ArgumentError(
                "loaded state dict has a different number of parameter groups"
                if len(sizes) != len(own)
                else "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
                expected=say("optim.groups", count=len(own), sizes=own),
                came=say("optim.groups", count=len(sizes), sizes=sizes),
                advice=say("optim.same_model"),
            )
        param_of = dict(zip(chain(*(group["params"] for group in groups)), self._parameters(), strict=True))
        self.state = defaultdict(dict)
        for number, remembered in state_dict["state"].items():
            param = param_of[number]
            self.state[param] = {name: _fitted(name, value, param) for name, value in remembered.items()}
        for group, saved in zip(self.param_groups, groups, strict=True):
            group.update({name: deepcopy(value) for name, value in saved.items() if name != "params"})

    def _parameters(self) -> Iterable[Tensor]:
        return chain.from_iterable(group["params"] for group in self.param_groups)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines.extend(f"    {name}: {group[name]}" for name in sorted(group) if name != "params")
        return "\n".join([*lines, ")"])


def _check_parameter(param: Any) -> None:
    if not isinstance(param, Tensor):
        raise ArgumentTypeError(
            f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}",
            advice=say("optim.parameters"),
        )
    if not param.is_leaf:
        raise ArgumentError("can't optimize a non-leaf Tensor", advice=say("optim.leaf"))


def _fitted(name: str, value: Any, param: Tensor) -> Any:
    """A copy of what was remembered, in the element type of the parameter; counts of steps keep theirs."""
    if not isinstance(value, Tensor):
        return deepcopy(value)
    dtype = value.dtype if name == "step" else param.dtype
    return Tensor._over(np.array(value._numbers(), dtype, order="C"))
