"""Three ways to say how far a result is from what it should be.

三种办法说明结果与目标相差多远。
"""

from __future__ import annotations

from tell import tell

import knoll
from knoll.nn import CrossEntropyLoss, L1Loss, MSELoss


def main() -> tuple[float, float, float]:
    got, wanted = knoll.tensor([1.0, 2.0, 3.0]), knoll.tensor([1.0, 2.0, 5.0])
    scores, label = knoll.tensor([[0.1, 0.2, 0.3]]), knoll.tensor([1])  # scores, not probabilities / 得分，不是概率
    absolute = L1Loss(reduction="sum")(got, wanted).item()
    square = MSELoss()(got, wanted).item()
    entropy = CrossEntropyLoss()(scores, label).item()
    tell(
        en=f"got {got.tolist()}, wanted {wanted.tolist()}",
        zh=f"结果 {got.tolist()}，目标 {wanted.tolist()}",
    )
    tell(
        en=f"L1Loss, the sum of the differences:            {absolute:.4f}",
        zh=f"L1Loss，差的绝对值之和：{absolute:.4f}",
    )
    tell(
        en=f"MSELoss, the mean of their squares:            {square:.4f}",
        zh=f"MSELoss，差的平方的平均值：{square:.4f}",
    )
    tell(
        en=f"CrossEntropyLoss of 0.1, 0.2, 0.3 for class 1: {entropy:.4f}",
        zh=f"CrossEntropyLoss，得分 0.1、0.2、0.3，正确类别 1：{entropy:.4f}",
    )
    return absolute, square, entropy


if __name__ == "__main__":
    main()
