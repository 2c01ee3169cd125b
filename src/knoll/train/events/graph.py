"""A network as TensorBoard's graph: a node for each layer, with what the layer was given as attributes."""

from __future__ import annotations

from typing import Any

from knoll.analysis import Call, Cost, Trace, costs, sources
from knoll.analysis.sources import Source
from knoll.graph import Shape
from knoll.nn import Module
from knoll.train.events.protos import AttrValue, GraphDef, NodeDef, TensorShapeProto, VersionDef

# TensorFlow's version of the graph format that TensorBoard reads.
_PRODUCER = 22


def graph_of(trace: Trace, name: str) -> GraphDef:
    """The graph; the boxes of TensorBoard are the modules, so `model1.0` of `Practice` is `Practice/model1/0`."""
    graph = GraphDef(versions=VersionDef(producer=_PRODUCER))
    names: dict[Source, str] = {}
    for number, value in enumerate(trace.inputs):
        names[value] = f"input_{number}" if number else "input"
        graph.node.append(NodeDef(name=names[value], op="Input", attr={"_output_shapes": _shapes(value.spec.shape)}))
    fed, work, calls = sources(trace), costs(trace), dict[str, int]()
    for layer in trace.layers:
        path = (layer.name or layer.kind).replace(".", "/")
        calls[path] = calls.get(path, 0) + 1
        again = f"_{calls[path]}" if calls[path] > 1 else ""  # a layer that is called more than once
        names[layer] = f"{name}/{path}{again}"
        node = NodeDef(name=names[layer], op=layer.kind)
        node.input.extend(names[source] for source in fed[layer] or trace.inputs[:1])
        for key, attribute in _attributes(layer, work.of[layer]).items():
            node.attr[key].CopyFrom(attribute)
        graph.node.append(node)
    return graph


def _attributes(layer: Call, cost: Cost) -> dict[str, AttrValue]:
    given = {key: attribute for key, value in _given(layer.module).items() if (attribute := _attribute(value))}
    weights = {key: _attribute(tuple(parameter.shape)) for key, parameter in layer.module.named_parameters()}
    samples = max(layer.output.shape[0], 1) if layer.output.rank else 1
    counted = {"parameters": cost.parameters, "multiply_adds": cost.multiply_adds // samples}
    return {
        **given,
        **{f"{key}_shape": value for key, value in weights.items() if value},
        **{key: AttrValue(i=value) for key, value in counted.items() if value},
        "_output_shapes": _shapes(layer.output.shape),
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
    sizes = [TensorShapeProto.Dim(size=size) for size in (-1, *shape[1:])]
    return AttrValue(list=AttrValue.ListValue(shape=[TensorShapeProto(dim=sizes)]))
