"""Checkpoints: all that a training needs to go on as if it had never stopped, in one safetensors file.

The parameters stand under their own names, the optimiser's arrays under `optimizer.<number>.<name>`, and everything
else as JSON in the metadata of the file.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.errors import DataError, KnollError, StateError
from knoll.interop import safetensors_file
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.random.generator import generator
from knoll.train.configuration import Configuration
from knoll.train.loop import Trainer
from knoll.train.tally import Tally

OPTIMIZER = "optimizer."
_STATE = "training"
_VERSION = 1


def save_checkpoint(path: str | os.PathLike[str], trainer: Trainer) -> None:
    """Write where the training stands; the file is replaced in one step or left as it was. Raises FileError."""
    arrays = parameters_of(trainer)
    remembered: dict[str, dict[str, Any]] = {}
    state = trainer.optimizer.state_dict()
    for number, entries in state["state"].items():
        for name, value in entries.items():
            if isinstance(value, Tensor):
                arrays[f"{OPTIMIZER}{number}.{name}"] = value.detach().numpy()
            else:
                remembered.setdefault(str(number), {})[name] = value
    training = {
        "version": _VERSION,
        "configuration": asdict(trainer.configuration),
        "samples": len(trainer.source.train),
        "epoch": trainer.epoch,
        "step": trainer.step,
        "tally": asdict(trainer.tally),
        "loader": trainer.loader.state_dict(),
        "optimizer": {"groups": state["param_groups"], "state": remembered, "steps": trainer.optimizer.steps},
        "schedule": trainer.schedule.state_dict() if trainer.schedule else None,
        "random": _plain(generator().bit_generator.state),
    }
    safetensors_file.save(path, arrays, {**description(trainer), _STATE: json.dumps(training)})


def save_weights(path: str | os.PathLike[str], trainer: Trainer) -> None:
    """Write the parameters alone, under PyTorch's names, with the classes in the metadata. Raises FileError."""
    safetensors_file.save(path, parameters_of(trainer), description(trainer))


def load_checkpoint(path: str | os.PathLike[str], trainer: Trainer) -> None:
    """Bring a new training to where the saved one stood.

    Raises StateError for the checkpoint of another model or other data, which leaves the training unchanged, DataError
    for a damaged file, FileError for one that cannot be read.
    """
    arrays, metadata = safetensors_file.load(path)
    training = _training(path, metadata)
    own = description(trainer)
    if any(metadata.get(name) != own[name] for name in ("model", "architecture", "input_shape", "classes")):
        got = {name: metadata.get(name) for name in own}
        raise StateError(say("train.other_model"), where=str(path), expected=str(own), got=str(got))
    if training.get("samples") != len(trainer.source.train):
        raise StateError(
            say("train.other_data"),
            expected=say("train.images", count=training.get("samples")),
            got=say("train.images", count=len(trainer.source.train)),
        )
    try:
        optimizer_state = _optimizer_state(arrays, training["optimizer"])
        trainer.module.load_state_dict(
            {name: array for name, array in arrays.items() if not name.startswith(OPTIMIZER)}
        )
        trainer.optimizer.load_state_dict(optimizer_state)
        trainer.optimizer.steps = training["optimizer"]["steps"]
        if trainer.schedule is not None:
            trainer.schedule.load_state_dict(training["schedule"])
        trainer.loader.load_state_dict(training["loader"])
        generator().bit_generator.state = training["random"]
        trainer.epoch, trainer.step = index(training["epoch"]), index(training["step"])
        trainer.tally = Tally() + Tally(**training["tally"])
    except KnollError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise DataError(say("train.broken_checkpoint", path=path, reason=repr(error))) from None


def configuration_of(path: str | os.PathLike[str]) -> Configuration:
    """The configuration with which a checkpoint was written. Raises what `load_checkpoint` raises."""
    return Configuration.of(_training(path, safetensors_file.load(path)[1]).get("configuration"))


def parameters_of(trainer: Trainer) -> dict[str, NDArray[Any]]:
    """The parameters and buffers by name."""
    return {name: tensor.numpy() for name, tensor in trainer.module.state_dict().items()}


def description(trainer: Trainer) -> dict[str, str]:
    """What a reader of the file needs to know of the network."""
    return {
        "model": trainer.configuration.model,
        "architecture": type(trainer.module).__name__,
        "input_shape": json.dumps(trainer.source.image_shape),
        # Names of folders need not be text; JSON has a way to write what is not.
        "classes": json.dumps(trainer.source.classes, ensure_ascii=False).encode(errors="backslashreplace").decode(),
        "data": trainer.configuration.data,
        **({} if trainer.source.ignore is None else {"ignore": str(trainer.source.ignore)}),
    }


def _training(path: str | os.PathLike[str], metadata: dict[str, str]) -> dict[str, Any]:
    if _STATE not in metadata:
        raise StateError(say("train.no_checkpoint", path=path), advice=say("train.no_checkpoint_advice"))
    try:
        training = json.loads(metadata[_STATE])
    except (ValueError, RecursionError) as error:
        raise DataError(say("train.broken_checkpoint", path=path, reason=error)) from None
    if not isinstance(training, dict) or training.get("version") != _VERSION:
        raise StateError(say("train.checkpoint_version", path=path))
    return training


def _optimizer_state(arrays: dict[str, NDArray[Any]], saved: dict[str, Any]) -> dict[str, Any]:
    """The optimiser's state dict, put together from arrays and JSON."""
    state: dict[int, dict[str, Any]] = {int(number): dict(entries) for number, entries in saved["state"].items()}
    for key, array in arrays.items():
        if key.startswith(OPTIMIZER):
            number, name = key.removeprefix(OPTIMIZER).split(".", 1)
            state.setdefault(int(number), {})[name] = from_numpy(np.array(array))
    groups = [
        {name: tuple(value) if name == "betas" else value for name, value in group.items()} for group in saved["groups"]
    ]
    return {"state": state, "param_groups": groups}


def _plain(value: Any) -> Any:
    """Arrays as lists, all the way down, for JSON."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value
