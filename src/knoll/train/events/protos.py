"""The messages and the file format of TensorBoard, from tensorboardX without what it would load besides."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def _without_pytorch() -> Iterator[None]:
    """Keep tensorboardX from loading PyTorch where it is installed: it takes seconds and serves for a type alone."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # type: ignore[assignment]  # what cannot be imported
    try:
        yield
    finally:
        if hidden:
            del sys.modules["torch"]


with _without_pytorch():
    from google.protobuf.message import DecodeError
    from tensorboardX.proto.attr_value_pb2 import AttrValue
    from tensorboardX.proto.event_pb2 import Event, SessionLog
    from tensorboardX.proto.graph_pb2 import GraphDef
    from tensorboardX.proto.node_def_pb2 import NodeDef
    from tensorboardX.proto.summary_pb2 import Summary
    from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboardX.proto.versions_pb2 import VersionDef
    from tensorboardX.record_writer import RecordWriter
    from tensorboardX.summary import hparams, make_histogram, pr_curve, text
    from tensorboardX.utils import figure_to_image

__all__ = [
    "AttrValue",
    "DecodeError",
    "Event",
    "GraphDef",
    "NodeDef",
    "RecordWriter",
    "SessionLog",
    "Summary",
    "TensorShapeProto",
    "VersionDef",
    "figure_to_image",
    "hparams",
    "make_histogram",
    "pr_curve",
    "text",
]
