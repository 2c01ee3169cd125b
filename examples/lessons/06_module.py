"""A module is a class with `forward`; calling it runs `forward`.

模块是带有 `forward` 的类；调用它就会运行 `forward`。
"""

from __future__ import annotations

from tell import tell

import knoll
from knoll import nn


class Next(nn.Module):
    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        return x + 1


def main() -> knoll.Tensor:
    result = Next()(knoll.tensor(1.0))
    tell(
        en=f"tensor(1.) goes into the module, {result!r} comes out",
        zh=f"把 tensor(1.) 交给模块，得到 {result!r}",
    )
    return result


if __name__ == "__main__":
    main()
