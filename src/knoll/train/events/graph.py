"""A network as TensorBoard's graph: a node for each layer, with what the layer was given as attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.graph import Shape
from knoll.nn import Module
from knoll.train.events.protos import AttrValue, GraphDef, NodeDef, TensorShapeProto, VersionDef
from knoll.train.layers import Layer, input_names

# TensorFlow's version of the graph format that TensorBoard reads.
_PRODUCER = 22


def graph_of(layers: Sequence[Layer], name: str, *input_shapes: Shape) -> GraphDef:
    """The graph; the boxes of TensorBoard are the modules, so `model1.0` of `Practice` is `Practice/model1/0`."""
    graph = GraphDef(versions=VersionDef(producer=_PRODUCER))
    names = input_names(len(input_shapes))
    for input_name, shape in zip(names, input_shapes, strict=True):
        graph.node.append(NodeDef(name=input_name, op="Input", attr={"_output_shapes": _shapes(shape)}))
    calls: dict[str, int] = {}
    nodes = dict(zip(names, names, strict=True))
    for layer in layers:
        calls[layer.name] = calls.get(layer.name, 0) + 1
        again = f"_{calls[layer.name]}" if calls[layer.name] > 1 else ""  # a layer that is called more than once
        node = NodeDef(name=f"{name}/{layer.name.replace('.', '/')}{again}", op=layer.kind)
        node.input.extend(nodes[source] for source in layer.sources)
        for key, value in _attributes(layer).items():
            node.attr[key].CopyFrom(value)
        graph.node.append(node)
        nodes[layer.name] = node.name
    return graph


def _attributes(layer: Layer) -> dict[str, AttrValue]:
    given = {key: attribute for key, value in _given(layer.module).items() if (attribute := _attribute(value))}
    weights = {key: _attribute(tuple(parameter.shape)) for key, parameter in layer.module.named_parameters()}
    counted = {"parameters": layer.parameters, "multiply_adds": layer.multiply_adds}
    return {
        **given,
        **{f"{key}_shape": value for key, value in weights.items() if value},
        **{key: AttrValue(i=value) for key, value in counted.items() if value},
        "_output_shapes": _shapes(layer.output),
    }


def _given(module: Module) -> dict[str, Any]:
    """What the layer was made with: kernel_size, stride, padding and the like."""
    return {key: value for key, value in vars(module).items() if not key.startswith("_") and key != "training"}


def _attribute(value: object) -> AttrValue | None:
    """A value as an attribute; None for what is neither number, text nor a tuple of whole numbers."""
    if isinstance(value, bool):
        return AttrValue(b=value)
    if isinstance(value, int):
        return AttrValue(i=value)
    if isinstance(value, float):
        return AttrValue(f=value)
    if isinstance(value, str):
        return AttrValue(s=value.encode())
    if isinstance(value, tuple) and all(isinstance(part, int) for part in value):
        return AttrValue(list=AttrValue.ListValue(i=value))
    return None


def _shapes(shape: Shape) -> AttrValue:
    """The shape of a result, whose first axis can be any number of images."""
    sizes = [TensorShapeProto.Dim(size=size) for size in (-1, *shape)]
    return AttrValue(list=AttrValue.ListValue(shape=[TensorShapeProto(dim=sizes)]))
