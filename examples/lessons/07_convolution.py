"""A window slides over a matrix, multiplies what it covers and adds it up; whole numbers stay whole.

窗口在矩阵上滑动，把盖住的数与权重相乘再相加；整数算出来还是整数。
"""

from __future__ import annotations

from tell import tell

import knoll
from knoll.nn import functional as F

IMAGE = knoll.tensor([[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]])
WINDOW = knoll.tensor([[1, 2, 1], [0, 1, 0], [2, 1, 0]])


def main() -> dict[str, knoll.Tensor]:
    # One sample of one channel. / 一个样本，一个通道。
    image, window = IMAGE.reshape(1, 1, 5, 5), WINDOW.reshape(1, 1, 3, 3)
    results = {
        "stride 1": F.conv2d(image, window, stride=1)[0, 0],
        "stride 2": F.conv2d(image, window, stride=2)[0, 0],
        "padding 1": F.conv2d(image, window, stride=1, padding=1)[0, 0],
    }
    sizes = {name: f"{result.shape[0]}×{result.shape[1]}" for name, result in results.items()}
    tell(
        en=f"stride 1: the matrix of 5×5 becomes {sizes['stride 1']}",
        zh=f"步长 1：5×5 的矩阵变成 {sizes['stride 1']}",
    )
    print(results["stride 1"])
    tell(
        en=f"stride 2: the matrix of 5×5 becomes {sizes['stride 2']}",
        zh=f"步长 2：5×5 的矩阵变成 {sizes['stride 2']}",
    )
    print(results["stride 2"])
    tell(
        en=f"stride 1, padding 1: the matrix of 5×5 becomes {sizes['padding 1']}",
        zh=f"步长 1、填充 1：5×5 的矩阵变成 {sizes['padding 1']}",
    )
    print(results["padding 1"])
    return results


if __name__ == "__main__":
    main()
