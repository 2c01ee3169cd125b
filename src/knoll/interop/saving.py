"""`knoll.save` and `knoll.load`: a state dict, a whole checkpoint or a whole model, to a file and back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from knoll.calls import advised
from knoll.errors import ArgumentTypeError
from knoll.interop import safetensors_file
from knoll.interop.allowed import allowed_only, imported
from knoll.interop.nested_values import kind_of, put_together, take_apart, tensor_of, versions_of
from knoll.interop.opened import name_of, naming, writing
from knoll.interop.rebuilt import paths_in, put_model_together
from knoll.interop.sharing import in_one_memory, parts_among
from knoll.interop.torch_pickle import Contents
from knoll.interop.torch_value import value_of
from knoll.interop.weights import MODEL, SHARED, STRUCTURE, WholeModel, read_file
from knoll.interop.whole import holds_module, take_model_apart
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.arguments import truthy


@advised
def save(
    obj: Any,
    f: str | os.PathLike[str] | IO[bytes],
    pickle_module: Any = None,  # noqa: ARG001 (nothing is pickled)
    pickle_protocol: int = 2,  # noqa: ARG001 (nothing is pickled)
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Write a value as a safetensors file, whatever its suffix; the file is replaced in one step.

    `f` is a path, or a file that is open for writing bytes, as `io.BytesIO()`, which is written to where it stands.

    Parameters come back as parameters, and tensors that want a gradient so; what lay in the memory of another tensor
    lies there again, a tensor that stands in several places is one again.

    The value is a state dict, or any nest of dicts, lists and tuples of tensors, numbers, texts and None, as a
    checkpoint with the state of the optimiser. Arrays come back as tensors, NumPy's numbers as Python's. Other programs
    read the tensors of a state dict by the same names. How more than tensors by name is put together, and the versions
    of modules (`_metadata`), stand as JSON in the metadata of the file.

    A whole model, alone or in such a nest, is saved by the import paths of its classes and their attributes, which are
    data, tensors and modules, or classes and functions that can be imported; `load` makes it again where these can be
    imported, without calling `__init__`. The code itself is not in the file.

    Raises ArgumentTypeError for anything else, as an optimiser or a model with an attribute that is no data, and for an
    `f` that cannot be written to; FileError where the file cannot be written. Source: https://pytorch.org/docs/stable/generated/torch.save.html

    >>> import tempfile, pathlib, knoll
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "checkpoint.safetensors"
    >>> net = knoll.nn.Linear(3, 2)
    >>> optimizer = knoll.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    >>> knoll.save({"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict()}, path)
    >>> checkpoint = knoll.load(path)
    >>> checkpoint["epoch"], net.load_state_dict(checkpoint["model"])
    (3, <All keys matched successfully>)
    >>> optimizer.load_state_dict(checkpoint["optimizer"])
    """
    if holds_module(obj):
        arrays, text = take_model_apart(obj)
        metadata = {MODEL: text}
    elif hasattr(obj, "state_dict"):
        raise ArgumentTypeError(
            say("interop.whole_model", kind=type(obj).__name__),
            advice=say("interop.whole_model_advice", path=name_of(f)),
        )
    elif _is_state_dict(obj):
        arrays = {name: value._realize() if isinstance(value, Tensor) else value for name, value in obj.items()}
        metadata = {}
    else:
        arrays, text = take_apart(obj)
        metadata = {STRUCTURE: text}
    shared = None if MODEL in metadata else parts_among(arrays)
    parts = safetensors_file.parts_of(arrays, metadata if shared is None else {**metadata, SHARED: shared})
    with writing(f) as file:
        file.writelines(parts)


@advised
def load(
    f: str | os.PathLike[str] | IO[bytes],
    map_location: Any = None,  # noqa: ARG001 (PyTorch's)
    pickle_module: Any = None,  # noqa: ARG001 (PyTorch's)
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,  # noqa: ARG001 (PyTorch's)
) -> Any:
    """What a safetensors file or one of PyTorch's holds: a state dict, or the value that was saved.

    `f` is a path, or a file that is open for reading bytes, as `io.BytesIO(data)`, which is read from where it stands.
    Nothing in the file is executed, and everything comes to the CPU, whatever `map_location` says. A whole model that
    `knoll.save` wrote names its classes: with `weights_only=False` they are imported, which runs their modules, as it
    is with every import; else only those are made that `knoll.serialization.safe_globals` allows. Its classes are made
    without `__init__` and get the attributes that were saved. Of a whole module that PyTorch saved comes the state
    dict, of an object of another class a dict of its attributes. `pickle_module` and `mmap` are PyTorch's, and change
    nothing. Raises what `read_weights` raises, UnsafeFileError for a model whose classes are not allowed,
    MissingAttributeError for one that cannot be found.

    >>> import tempfile, pathlib, knoll
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "linear.safetensors"
    >>> knoll.save({"weight": knoll.ones(2, 3), "bias": knoll.zeros(2)}, path)
    >>> {name: tensor.shape for name, tensor in knoll.load(path).items()}
    {'weight': (2, 3), 'bias': (2,)}
    """
    trusted = weights_only is not None and not truthy(weights_only, "load", "weights_only")
    with naming(f):
        return _loaded(f, trusted)


def _loaded(f: str | os.PathLike[str] | IO[bytes], trusted: bool) -> Any:
    held = read_file(f)
    if isinstance(held, Contents):
        return value_of(held)
    if isinstance(held, WholeModel):
        find = imported if trusted else allowed_only(paths_in(held.text), name_of(f))
        return put_model_together(held.text, held.arrays, find)
    own = {name: np.array(array) for name, array in held.arrays.items()}
    parts = {} if held.shared is None else in_one_memory(own, held.shared)
    tensors = {name: Tensor._over(array) for name, array in own.items()} | {
        name: from_numpy(array) for name, array in parts.items()
    }
    return tensors if held.text is None else put_together(held.text, tensors, tensor_of)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray)) and kind_of(value) == "tensor"


def _is_state_dict(obj: Any) -> bool:
    """Whether it is tensors by name and nothing else, which the file's own names are enough for."""
    return (
        isinstance(obj, Mapping)
        and versions_of(obj) is None
        and all(isinstance(name, str) and name != "__metadata__" and _is_plain(value) for name, value in obj.items())
    )
