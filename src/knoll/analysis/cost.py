"""What a network costs: parameters, arithmetic, memory, for each call of a layer and altogether.

Conventions, as in the field:

- A multiply-add is one multiplication and one addition (MAC). Each operation's card counts its own (`Op.cost`).
- FLOPs are the floating-point operations of multiply-adds: two for each (Williams et al., Roofline, 2009). A sum of n
  products takes n multiplications, and n additions with its bias; without a bias it takes one addition less, which is
  counted all the same. Some tools call multiply-adds FLOPs; their numbers are half of these.
- Everything else that computes (activations, poolings, normalisations) counts apart, as `operations`: one for each
  number that is made or looked at, whichever is more. What only moves numbers counts nothing.
- Parameters that several layers share are counted once in totals.
- Activations are the numbers that operations make; a change of shape makes none. For backward those are kept that the
  gradient reads again, as the operations are defined: kernels may keep less, such as a byte for an index.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call costs, or a whole network, for all samples that it was traced with.

    `shared` are those of the `parameters` that an earlier call has too, `frozen` those that want no gradient
    (`requires_grad=False`), which training leaves as they are. `parameter_bytes`, `activation_bytes` and
    `kept_bytes` are the memory of the parameters, of the numbers that are made, and of those that backward reads again.
    """

    parameters: int = 0
    shared: int = 0
    parameter_bytes: int = 0
    multiply_adds: int = 0
    operations: int = 0
    activation_bytes: int = 0
    kept_bytes: int = 0
    frozen: int = 0

    @property
    def flops(self) -> int:
        """Floating-point operations: two for each multiply-add."""
        return 2 * self.multiply_adds

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Cost)))
