"""What PyTorch says where `torch.autograd.functional` refuses: of a missing vector, and in strict mode.

Strict mode refuses a gradient that is missing or that depends on nothing; {} is the number of the input or result.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusals:
    """What PyTorch says of a gradient that is missing, and of one that depends on nothing; {} is its number."""

    missing: str
    constant: str


_NO_VECTOR = "The vector v can only be None if {} a single Tensor with a single element."
NO_VECTOR_OF_INPUT = _NO_VECTOR.format("the input to the user-provided function is")
NO_VECTOR_OF_RESULT = _NO_VECTOR.format("the user-provided function returns")
NOT_STRICT = " This is not allowed in strict mode"
UNUSED = f"The output of the user-provided function is independent of input {{}}.{NOT_STRICT}."
FIXED_JACOBIAN = f"The jacobian of the user-provided function is independent of input {{}}.{NOT_STRICT}"
_FIXED_HESSIAN = f"The hessian of the user-provided function is independent of input {{}}.{NOT_STRICT}"
WHEN_KEPT = " when create_graph=True."
CONSTANT_RESULT = (
    "Output {} of the user-provided function does not require gradients. The outputs must be computed in a "
    "differentiable manner from the input when running in strict mode."
)
CONSTANT_GRADIENT = (
    f"The gradient with respect to input {{}} is independent of the inputs of the user-provided function.{NOT_STRICT}."
)
CONSTANT_JACOBIAN = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is "
    f"independent of the input.{NOT_STRICT}. You should ensure that your function is twice differentiable and that "
    "the jacobian depends on the inputs (this would be violated by a linear function for example)."
)
CONSTANT_HESSIAN = (
    "The hessian of the user-provided function with respect to input {} is independent of the input."
    f"{NOT_STRICT}. You should ensure that your function is thrice differentiable and that the hessian depends on the "
    "inputs."
)
OF_VJP = Refusals(UNUSED, FIXED_JACOBIAN + WHEN_KEPT)
OF_JVP = Refusals(
    "The gradient with respect to the input is independent of entry {} in the grad_outputs when using the double "
    f"backward trick to compute forward mode gradients.{NOT_STRICT}.",
    FIXED_JACOBIAN + WHEN_KEPT,
)
OF_VHP = Refusals(FIXED_JACOBIAN + ".", _FIXED_HESSIAN + WHEN_KEPT)
OF_HVP = Refusals(
    f"The hessian of the user-provided function is independent of entry {{}} in the grad_jacobian.{NOT_STRICT} as it "
    "prevents from using the double backward trick to replace forward mode AD.",
    _FIXED_HESSIAN + WHEN_KEPT,
)
