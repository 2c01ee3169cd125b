"""The way back of a pooling: it remembers where its largest values were, and they return there.

池化的原路返回：它记住最大值原来在哪里，再把它们放回去。
"""

from __future__ import annotations

from tell import tell

import knoll
from knoll import nn

IMAGE = knoll.tensor([[1.0, 5, 2, 0], [3, 4, 8, 6], [7, 2, 1, 9], [0, 3, 4, 2]])


def main() -> dict[str, list[list[float]]]:
    pool, unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
    largest, places = pool(IMAGE.reshape(1, 1, 4, 4))  # two results / 两个结果
    back = unpool(largest, places)
    tell(
        en="the largest number of each window of 2×2:",
        zh="每个 2×2 窗口里最大的数：",
    )
    print(largest[0, 0])
    tell(
        en="where they were, counted row by row from 0:",
        zh="它们原来的位置，从 0 开始逐行编号：",
    )
    print(places[0, 0])
    tell(
        en="put back there, with zeros everywhere else; SegNet makes its large pictures this way:",
        zh="放回原来的位置，其余填 0；SegNet 就是这样还原大图的：",
    )
    print(back[0, 0])
    return {"largest": largest[0, 0].tolist(), "places": places[0, 0].tolist(), "back": back[0, 0].tolist()}


if __name__ == "__main__":
    main()
