"""Functions of modules that are transformed: the parameters of several in one tensor, and no running statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from knoll.errors import StateError
from knoll.nn.layers.batch_norm import _BatchNorm
from knoll.nn.module import Module
from knoll.tensor import Tensor
from knoll.tensor.shapes.joining import stack


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of several modules of one class, each stacked along a new first axis.

    With `functional_call` and `vmap` all modules are computed at once. The stacked parameters are leaves that want a
    gradient if those of all modules do. Raises StateError for modules that are not alike.
    Source: https://pytorch.org/docs/stable/generated/torch.func.stack_module_state.html

    >>> import knoll
    >>> from knoll import nn
    >>> from knoll.func import functional_call, stack_module_state
    >>> models = [nn.Linear(3, 2) for _ in range(5)]
    >>> params, buffers = stack_module_state(models)
    >>> def called(params, buffers, x):
    ...     return functional_call(models[0], (params, buffers), (x,))
    >>> knoll.vmap(called, in_dims=(0, 0, None))(params, buffers, knoll.ones(4, 3)).shape
    (5, 4, 2)
    """
    if not len(models):
        raise StateError("stack_module_state: Expected at least one model, got 0.")
    if len({bool(model.training) for model in models}) > 1:
        raise StateError("stack_module_state: Expected all models to have the same training/eval mode.")
    if any(type(model) is not type(models[0]) for model in models):
        raise StateError("stack_module_state: Expected all models to be of the same class.")
    params, buffers = [dict(m.named_parameters()) for m in models], [dict(m.named_buffers()) for m in models]
    return _stacked(params), _stacked(buffers)


def _stacked(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    return {name: _leaf([state[name] for state in states], name) for name in states[0]}


def _leaf(tensors: Sequence[Tensor], name: str) -> Tensor:
    wanted = {x.requires_grad for x in tensors}
    if len(wanted) > 1:
        raise StateError(f"Expected {name} from each model to have the same .requires_grad")
    return stack(tensors).detach().requires_grad_(wanted.pop())


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """The module, all of whose batch normalisations forget their running statistics, and keep none from now on.

    Source: https://pytorch.org/docs/stable/generated/torch.func.replace_all_batch_norm_modules_.html

    >>> from knoll import nn
    >>> from knoll.func import replace_all_batch_norm_modules_
    >>> replace_all_batch_norm_modules_(nn.Sequential(nn.BatchNorm2d(3)))[0].running_mean is None
    True
    """
    for module in root.modules():
        if isinstance(module, _BatchNorm) and module.track_running_stats:
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
