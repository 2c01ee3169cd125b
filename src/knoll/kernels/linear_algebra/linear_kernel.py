"""What the kernels of a linear layer share: sizes, arrays, and the number of multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue
from knoll.kernels.kernel import Kernel

ROWS_AT_ONCE = 32  # that share a pass over weights which a core's cache does not hold
FROM_CACHE, FROM_MEMORY = 0.02, 0.1  # cycles of a byte of weights that the second-level cache holds, or does not


@dataclass(frozen=True)
class LinearKernel(Kernel):
    """Rows times `inner` × `columns` weights, with a bias of each column if there is one, and an epilogue."""

    inner: int
    columns: int
    rows_per_sample: int = 1
    bias: bool = False
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation and size."""
        some = "n" if self.rows_per_sample == 1 else f"{self.rows_per_sample}n"
        return f"linear{self.epilogue.title(self.bias)}_{some}x{self.inner}x{self.columns}"

    @property
    def pointers(self) -> int:
        """a, b, c, then the bias and operands."""
        return 3 + self.bias + len(self.epilogue.operands)

    @property
    def work(self) -> int:
        """Multiply-adds of a sample: rows × inner × columns."""
        return self.rows_per_sample * self.inner * self.columns

    @property
    def weight_cycles(self) -> float:
        """Those of reading the weights."""
        return (FROM_CACHE if self._is_cached else FROM_MEMORY) * self.weight_bytes

    @property
    def samples_at_once(self) -> int:
        """Those of some rows, where a core's cache does not hold the weights."""
        return 1 if self._is_cached else ceil_div(ROWS_AT_ONCE, self.rows_per_sample)

    @property
    def weight_bytes(self) -> int:
        """The size of the weights."""
        return self.inner * self.columns * self.dtype.itemsize

    @property
    def _is_cached(self) -> bool:
        return self.weight_bytes <= self.machine.caches.second
