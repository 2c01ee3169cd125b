"""Transformations of functions: gradients, Jacobians, and `vmap`, which maps a function of one example over many.

Source: https://pytorch.org/docs/stable/func.html
"""

from knoll.calls import advise
from knoll.func.gradients import grad, grad_and_value
from knoll.func.jacobians import hessian, jacfwd, jacrev
from knoll.func.mapping import debug_unwrap, vmap
from knoll.func.modules import replace_all_batch_norm_modules_, stack_module_state
from knoll.func.products import jvp, linearize, vjp
from knoll.nn.utils.stateless import functional_call

__all__ = [
    "debug_unwrap",
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vjp",
    "vmap",
]

advise(__name__)
