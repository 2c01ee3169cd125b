"""Networks that give what they compute on the way: torchvision's `models.feature_extraction`."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.messages import say
from knoll.nn import Module
from knoll.tensor.arguments import items

__all__ = ["FeatureExtractor", "create_feature_extractor"]

_LATER = re.compile(r"_(\d+)$")  # "relu_1" is the second call of "relu"


class _Enough(BaseException):
    """All results are there: a layer behind them might change the last one in place."""


class FeatureExtractor(Module):
    """A network that gives the results of its own layers, by names, in place of its last result.

    It has the parameters of the network that it was made of, and their names.
    """

    def __init__(self, model: Module, train_nodes: Mapping[str, str], eval_nodes: Mapping[str, str]) -> None:
        super().__init__()
        shared = {id(each): each for each in (*model.parameters(), *model.buffers())}
        network = copy.deepcopy(model, dict(shared))
        for name, child in network.named_children():
            self.add_module(name, child)
        for name, parameter in network.named_parameters(recurse=False):
            self.register_parameter(name, parameter)
        for name, buffer in network.named_buffers(recurse=False):
            self.register_buffer(name, buffer)
        self._network = [network]  # in a list: its layers are registered already
        self._nodes = {True: dict(train_nodes), False: dict(eval_nodes)}
        self._calls: Counter[str] = Counter()
        self._results: dict[str, Any] = {}
        self.train(model.training)
        for name in {*train_nodes, *eval_nodes}:
            self._listen(network, name)

    def _listen(self, network: Module, node: str) -> None:
        """Keep what the layer of this name gives, in the call that the name means. Raises ArgumentError."""
        layers = dict(network.named_modules())
        layers.pop("", None)
        name, call = node, 1
        if name not in layers and (later := _LATER.search(name)):
            name, call = name[: later.start()], int(later[1]) + 1
        if name not in layers:
            raise ArgumentError(
                f"node: '{node}' is not present in model. Hint: use `get_graph_node_names` to make sure the "
                "`return_nodes` you specified are present. It may even be that you need to specify "
                "`train_return_nodes` and `eval_return_nodes` separately.",
                expected=say("vision.nodes", names=", ".join(layers)),
            )

        def keep(layer: Module, args: Any, result: Any) -> None:  # noqa: ARG001 (what hooks are given)
            self._calls[node] += 1
            if self._calls[node] == call:
                self._results[node] = result
                if self._nodes[self.training].keys() <= self._results.keys():
                    raise _Enough

        layers[name].register_forward_hook(keep)

    def train(self, mode: bool = True) -> FeatureExtractor:
        """Let the layers learn, or not."""
        super().train(mode)
        self._network[0].train(mode)
        return self

    def forward(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The results by the names that were asked for, in the order in which they came.

        What comes after the last of them is not computed. Raises StateError where a layer was not called so often.
        """
        self._calls.clear()
        self._results.clear()
        with suppress(_Enough):
            self._network[0](*args, **kwargs)
        nodes = self._nodes[self.training]
        for node in nodes:
            if node not in self._results:
                raise StateError(say("vision.node_not_called", name=node))
        made = {nodes[node]: result for node, result in self._results.items() if node in nodes}
        self._results.clear()
        return made


def create_feature_extractor(
    model: Module,
    return_nodes: list[str] | Mapping[str, str] | None = None,
    train_return_nodes: list[str] | Mapping[str, str] | None = None,
    eval_return_nodes: list[str] | Mapping[str, str] | None = None,
    tracer_kwargs: Mapping[str, Any] | None = None,  # noqa: ARG001 (torchvision's; nothing is traced)
    suppress_diff_warning: bool = False,  # noqa: ARG001 (torchvision's; there is no warning)
    concrete_args: Mapping[str, Any] | None = None,  # noqa: ARG001 (torchvision's; nothing is traced)
) -> FeatureExtractor:
    """A network that gives the results of layers of `model`, by the names that `return_nodes` has for them.

    Nodes are the names of layers as `named_modules` has them, as "layer1" or "layer3.0.conv1"; a layer that is called
    several times is "relu", then "relu_1" and so on. The results of functions, as "flatten", are no nodes here.
    `train_return_nodes` and `eval_return_nodes` together ask for others in training. The layers have the parameters of
    `model`, all of them. Raises ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/vision/stable/feature_extraction.html

    >>> import knoll
    >>> from knoll.vision.models import resnet18
    >>> from knoll.vision.models.feature_extraction import create_feature_extractor
    >>> extractor = create_feature_extractor(resnet18(), {"layer1": "fine", "layer4": "coarse"})
    >>> {name: x.shape for name, x in extractor(knoll.zeros(1, 3, 64, 64)).items()}
    {'fine': (1, 64, 16, 16), 'coarse': (1, 512, 2, 2)}
    """
    if not isinstance(model, Module):
        raise ArgumentTypeError(say("vision.no_network"), got=str(type(model)))
    if return_nodes is None and train_return_nodes is None and eval_return_nodes is None:
        raise ArgumentError(
            "Either `return_nodes` or `train_return_nodes` and `eval_return_nodes` together, should be specified"
        )
    if (train_return_nodes is None) != (eval_return_nodes is None):
        raise ArgumentError(
            "If any of `train_return_nodes` and `eval_return_nodes` are specified, then both should be specified"
        )
    if return_nodes is not None and train_return_nodes is not None:
        raise ArgumentError(
            "If `train_return_nodes` and `eval_return_nodes` are specified, then `return_nodes` should not be specified"
        )
    train, evaluation = (
        _named(each) for each in (train_return_nodes or return_nodes, eval_return_nodes or return_nodes)
    )
    return FeatureExtractor(model, train, evaluation)


def _named(nodes: Any) -> dict[str, str]:
    """Names of results by those of nodes."""
    if isinstance(nodes, Mapping):
        return {str(node): str(told) for node, told in nodes.items()}
    return {str(node): str(node) for node in items(nodes, "create_feature_extractor", "return_nodes")}
