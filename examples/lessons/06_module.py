"""A module is a class with `forward`; calling it runs `forward`."""

from __future__ import annotations

import knoll
from knoll import nn


class Next(nn.Module):
    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        return x + 1


def main() -> knoll.Tensor:
    result = Next()(knoll.tensor(1.0))
    print(f"the module makes {result!r} of tensor(1.)")
    return result


if __name__ == "__main__":
    main()
