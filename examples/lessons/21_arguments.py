"""The arguments of a convolution that the course passes over: dilation, groups, bias, padding_mode.

课程里一带而过的卷积参数：dilation、groups、bias、padding_mode。
"""

from __future__ import annotations

from typing import Any

from tell import tell

import knoll
from knoll import nn

MODES = ("zeros", "reflect", "replicate", "circular")


def size(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


def padded(mode: str) -> list[float]:
    layer = nn.Conv2d(1, 1, 1, padding=(0, 2), padding_mode=mode, bias=False)
    # One weight, 1: what comes out is the padded row. / 唯一的权重是 1：输出就是填充后的一行。
    nn.init.ones_(layer.weight)
    return layer(knoll.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 1, 1, 4)).flatten().tolist()


def main() -> dict[str, Any]:
    images = knoll.rand(8, 4, 7, 7)
    plain, gaps = nn.Conv2d(4, 8, 3), nn.Conv2d(4, 8, 3, dilation=2)
    each = nn.Conv2d(4, 8, 3, groups=4)
    shapes, sizes = (plain(images).shape, gaps(images).shape), (size(plain), size(gaps), size(each))
    maps, norm = plain(images), nn.BatchNorm2d(8)
    same = knoll.allclose(norm(maps), norm(maps + 5), atol=1e-4)  # as if every bias were 5 larger / 相当于偏置都加 5
    rows = {mode: padded(mode) for mode in MODES}
    tell(
        en=f"Conv2d(4, 8, 3): images of 7×7 become {shapes[0]}, {sizes[0]} parameters",
        zh=f"Conv2d(4, 8, 3)：7×7 的图像变成 {shapes[0]}，{sizes[0]} 个参数",
    )
    tell(
        en=f"dilation=2: {shapes[1]}, since the 3×3 numbers reach over 5×5 pixels; still {sizes[1]} parameters",
        zh=f"dilation=2：{shapes[1]}，因为 3×3 个数覆盖 5×5 个像素；参数仍是 {sizes[1]} 个",
    )
    tell(
        en=f"groups=4: each kernel reads one of the four channels, and {sizes[2]} parameters are enough",
        zh=f"groups=4：每个卷积核只读四个通道中的一个，只要 {sizes[2]} 个参数",
    )
    tell(
        en=f"does a batch norm give the same when every bias is 5 larger? {same}: write bias=False before it",
        zh=f"偏置都加 5，批归一化的结果相同吗？{same}：所以它前面的卷积写 bias=False",
    )
    tell(
        en="what padding_mode puts on both sides of the row 1, 2, 3, 4:",
        zh="padding_mode 在一行数 1、2、3、4 的两侧填上什么：",
    )
    for mode, row in rows.items():
        print(f"  {mode:<10}", *(f"{number:.0f}" for number in row))
    return {"shapes": shapes, "parameters": sizes, "the same": same} | rows


if __name__ == "__main__":
    main()
