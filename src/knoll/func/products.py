"""Products with the Jacobian of a function: `vjp` from the left, `jvp` and `linearize` from the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from knoll.errors import ArgumentError, StateError
from knoll.func.arguments import each_tensor, replaced, with_aux
from knoll.func.differentiated import DifferentiatedCall, gradients_of
from knoll.func.tree import TreeSpec, flatten, unflatten
from knoll.graph.shapes import size_name
from knoll.tensor import Tensor, enable_grad, ones_like, zeros_like

_VJP, _JVP = "vjp(f, *primals)", "jvp(f, primals, tangents)"


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """What a function gives for `primals`, and a function that computes the product of a vector and its Jacobian.

    That takes cotangents, tensors of the shapes of the results and built like them, and gives a tuple with the product
    for each of the primals. With `has_aux` the function gives a pair, whose second part is returned as a third.
    Raises StateError, ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.vjp.html

    >>> import knoll
    >>> y, product = knoll.func.vjp(lambda x: x**2, knoll.tensor([1.0, 3.0]))
    >>> product(knoll.tensor([1.0, 1.0]))
    (tensor([2., 6.]),)
    """
    y, product, aux = pullback(func, primals, tuple(range(len(primals))), has_aux)
    return (y, product, aux) if has_aux else (y, product)


def pullback(
    func: Callable[..., Any], args: tuple[Any, ...], numbers: tuple[int, ...], has_aux: bool
) -> tuple[Any, Callable[..., Any], Any]:
    """As `vjp`, by the arguments with these numbers; what the function gave besides is the third."""
    call = DifferentiatedCall()
    by = tuple(args[number] for number in numbers)
    given = call.of(func, *replaced(args, numbers, call.fresh(by)))
    y, aux = with_aux(given, has_aux, _VJP)
    results, spec = flatten(y)
    _check_results(results, _VJP)
    for each in results:
        if not each.is_floating_point():
            raise StateError(
                "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype "
                f"torch.{each.dtype}"
            )
    takes = flatten(by)[1]

    def product(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:  # noqa: ARG001 (PyTorch's)
        seeds, built = flatten(cotangents)
        if built != spec:
            raise StateError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {built.words}, primal output: {spec.words}"
            )
        return unflatten(call.gradients(results, seeds), takes)

    return each_tensor(call.left, y), product, each_tensor(call.left, aux) if has_aux else None


def jvp(func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """What a function gives for `primals`, and the product of its Jacobian and `tangents`.

    Both are tuples and built alike. It is computed by going backward twice: vᵀ · J is linear in v, and its gradient is
    J. With `strict` a result that depends on no input is refused. With `has_aux` the function gives a pair, whose
    second part is returned as a third. Raises StateError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.jvp.html

    >>> import knoll
    >>> knoll.func.jvp(lambda x: x**2, (knoll.tensor([1.0, 3.0]),), (knoll.tensor([1.0, 1.0]),))
    (tensor([1., 9.]), tensor([2., 6.]))
    """
    if not isinstance(primals, tuple):
        raise StateError(f"{_JVP}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    linear = Linearization(func, primals, tuple(range(len(primals))), has_aux, tangents=tangents, strict=strict)
    product = linear.product(flatten(tangents)[0])
    return (linear.value, product, linear.aux) if has_aux else (linear.value, product)


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """What a function gives for `primals`, and a function that computes the product of its Jacobian there.

    That takes a tangent for each of the primals. The function itself is called once, however many products follow.
    Raises StateError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.linearize.html

    >>> import knoll
    >>> y, product = knoll.func.linearize(lambda x: x**2, knoll.tensor([1.0, 3.0]))
    >>> product(knoll.tensor([1.0, 0.0])), product(knoll.tensor([0.0, 1.0]))
    (tensor([2., 0.]), tensor([0., 6.]))
    """
    linear = Linearization(func, primals, tuple(range(len(primals))), has_aux=False)
    spec = flatten(primals)[1]

    def product(*tangents: Any) -> Any:
        given, built = flatten(tangents)
        if built != spec:
            raise StateError(f"Expected the tangents {built} to have the same argspec as the primals {spec}")
        for place, (t, x) in enumerate(zip(given, linear.primals, strict=True)):
            if t.shape != x.shape or t.dtype != x.dtype:
                kind = "shape" if t.shape != x.shape else "dtype"
                found, wanted = (
                    (size_name(each.shape) if kind == "shape" else f"torch.{each.dtype}") for each in (t, x)
                )
                raise StateError(
                    f"tangent:{place} with {kind} {found} in flattened pytree doesn't match the {kind} {wanted} of the "
                    "corresponding primal."
                )
        return linear.product(given)

    return linear.value, product


class Linearization:
    """A function at one point: its value there, and its Jacobian as a linear function of tangents.

    The Jacobian is the gradient of vᵀ · J by v, for any v.
    """

    primals: list[Tensor]
    value: Any
    aux: Any

    def __init__(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        numbers: tuple[int, ...],
        has_aux: bool,
        tangents: Any = None,
        strict: bool = False,
    ) -> None:
        by = tuple(args[number] for number in numbers)
        self.primals, spec = flatten(by)
        if tangents is not None:
            _check_tangents(self.primals, spec, tangents)
        _check_primals(self.primals)
        self._call = DifferentiatedCall()
        given = self._call.of(func, *replaced(args, numbers, self._call.fresh(by)))
        y, aux = with_aux(given, has_aux, _JVP)
        self._results, self._spec = flatten(y)
        _check_results(self._results, _JVP)
        if strict and not all(each.requires_grad for each in self._results):
            raise StateError(
                "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not "
                "allowed with strict=True."
            )
        self._weigh()
        self.value = each_tensor(self._call.left, y)
        self.aux = each_tensor(self._call.left, aux) if has_aux else None

    def _weigh(self) -> None:
        """The products of weights and the Jacobian, and a call that they are differentiated by.

        Any weights do, but zeros: some gradients are worked out of the signs of those behind them.
        """
        self._weighing = DifferentiatedCall()
        weighed = [y for y in self._results if y.requires_grad]
        weights = self._weighing.fresh([ones_like(y) for y in weighed])
        with enable_grad():
            self._products = gradients_of(weighed, self._call.inputs, weights, create_graph=True)

    def product(self, tangents: Sequence[Tensor]) -> Any:
        """The product of the Jacobian and tangents, built like the value."""
        pairs = [(p, t) for p, t in zip(self._products, tangents, strict=True) if p is not None and p.requires_grad]
        products, seeds = [p for p, _ in pairs], [t for _, t in pairs]
        keeps = self._call.keeps(self._results, seeds)
        found = iter(gradients_of(products, self._weighing.inputs, seeds, keeps))
        made = []
        for y in self._results:
            dy = next(found) if y.requires_grad else None
            made.append(zeros_like(y) if dy is None else dy)
        return unflatten(made, self._spec)


def _check_tangents(primals: list[Any], spec: TreeSpec, tangents: Any) -> None:
    """Refuse tangents that are not built like the primals."""
    given, built = flatten(tangents)
    if spec != built:
        raise StateError(
            f"{_JVP}: Expected primals and tangents to have the same python structure. For example, if primals is a "
            f"tuple of 3 tensors, tangents also must be. Got primals with structure {spec} and tangents with structure "
            f"{built}"
        )
    for name, each in (("primals", primals), ("tangents", given)):
        if not each:
            raise StateError(f"{_JVP}: Expected {name} to contain at least one Tensor.")
        for x in each:
            if not isinstance(x, Tensor):
                raise StateError(f"{_JVP}: Expected {name} to only contain Tensors, got {type(x)}")
    for x, t in zip(primals, given, strict=True):
        if x.shape != t.shape:
            raise StateError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this is "
                f"not supported. Tensor is of size {list(x.shape)} while the given forward gradient is of size "
                f"{list(t.shape)}."
            )


def _check_primals(primals: Sequence[Any]) -> None:
    """Refuse integers, which nothing can be differentiated by."""
    for x in primals:
        if isinstance(x, Tensor) and not x.is_floating_point():
            raise ArgumentError(f"Expected primal to be floating point or complex, but got: torch.{x.dtype}")


def _check_results(results: Sequence[Any], words: str) -> None:
    """Refuse what is not at least one tensor."""
    if not results or (len(results) == 1 and results[0] is None):
        raise StateError(
            f"{words}: Expected f to be a function that has non-empty output (got output = {list(results)})"
        )
    for y in results:
        if not isinstance(y, Tensor):
            raise StateError(f"{words}: expected f(*primals) to return only tensors, got unsupported type {type(y)}")
