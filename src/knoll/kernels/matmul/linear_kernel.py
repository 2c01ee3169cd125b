"""What the kernels of a linear layer share: sizes, arrays, and the number of multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue
from knoll.kernels.kernel import Kernel

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
        weights = self.inner * self.columns * self.dtype.itemsize
        return (FROM_MEMORY if weights > self.machine.caches.second else FROM_CACHE) * weights
