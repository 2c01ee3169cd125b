"""A window slides over a matrix, multiplies what it covers and adds it up; whole numbers stay whole."""

from __future__ import annotations

import knoll
from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)

IMAGE = knoll.tensor([[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]])
WINDOW = knoll.tensor([[1, 2, 1], [0, 1, 0], [2, 1, 0]])


def main() -> dict[str, knoll.Tensor]:
    image, window = IMAGE.reshape(1, 1, 5, 5), WINDOW.reshape(1, 1, 3, 3)  # one sample, one channel
    results = {
        "stride 1": F.conv2d(image, window, stride=1)[0, 0],
        "stride 2": F.conv2d(image, window, stride=2)[0, 0],
        "padding 1": F.conv2d(image, window, stride=1, padding=1)[0, 0],
    }
    for name, result in results.items():
        print(f"{name}: 5×5 becomes {result.shape[0]}×{result.shape[1]}", result, sep="\n")
    return results


if __name__ == "__main__":
    main()
