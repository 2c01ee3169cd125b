"""ONNX Runtime: every optimisation, input and output bound to memory once."""

from __future__ import annotations

from benchmarks.layers import Array
from benchmarks.network import Task
from benchmarks.onnx_model import onnx_bytes
from benchmarks.rivals.rival import Call, Rival


def infer(task: Task) -> Call:
    """A session whose threads wait awake between the layers."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = task.threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    model = onnx_bytes(task.network, len(task.x))
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    y: Array = session.run(None, {"x": task.x})[0]
    binding = session.io_binding()
    binding.bind_input("x", "cpu", 0, task.x.dtype, task.x.shape, task.x.ctypes.data)
    binding.bind_output("y", "cpu", 0, y.dtype, y.shape, y.ctypes.data)

    def call() -> Array:
        session.run_with_iobinding(binding)
        return y

    return call


RIVALS = (Rival("ONNX Runtime", ("onnxruntime", "onnx"), infer),)
