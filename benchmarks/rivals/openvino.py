"""OpenVINO: one request in memory that is set once, or the batch shared out among streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.layers import Array
from benchmarks.network import Task
from benchmarks.onnx_model import onnx_bytes
from benchmarks.rivals.rival import Call, Rival

if TYPE_CHECKING:
    import openvino


def _compiled(task: Task, n: int, settings: dict[str, Any]) -> openvino.CompiledModel:
    import openvino

    core = openvino.Core()
    model = core.read_model(onnx_bytes(task.network, n))
    exact = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": task.threads}
    return core.compile_model(model, "CPU", exact | settings)


def one_request(task: Task) -> Call:
    """All threads on one request."""
    import openvino

    request = _compiled(task, len(task.x), {"PERFORMANCE_HINT": "LATENCY"}).create_infer_request()
    request.set_input_tensor(openvino.Tensor(task.x, shared_memory=True))

    def call() -> Array:
        request.infer()
        result: Array = request.get_output_tensor().data
        return result

    return call


def streams(task: Task) -> Call:
    """One stream for each thread, and for each stream a part of the batch."""
    import openvino

    parts = task.threads if len(task.x) % task.threads == 0 else 1
    settings = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": parts}
    compiled = _compiled(task, len(task.x) // parts, settings)
    requests = [compiled.create_infer_request() for _ in range(parts)]
    for request, x in zip(requests, np.split(task.x, parts), strict=True):
        request.set_input_tensor(openvino.Tensor(np.ascontiguousarray(x), shared_memory=True))

    def call() -> Array:
        for request in requests:
            request.start_async()
        for request in requests:
            request.wait()
        return np.concatenate([request.get_output_tensor().data for request in requests])

    return call


RIVALS = (
    Rival("OpenVINO", ("openvino", "onnx"), one_request),
    Rival("OpenVINO, streams", ("openvino", "onnx"), streams),
)
