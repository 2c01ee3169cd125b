"""Nine layers in a row: the practice network, and what each of them makes of a picture.

九个层依次相连：练习网络，以及每一层把图片变成什么。
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tell import tell

import knoll
from knoll.analysis import costs, receptive_fields, trace
from knoll.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential
from knoll.train.events import SummaryWriter


def network() -> Sequential:
    return Sequential(
        Conv2d(3, 32, 5, padding=2),  # the size stays: 32 + 2·2 − 5 + 1 = 32 / 大小不变：32 + 2·2 − 5 + 1 = 32
        MaxPool2d(2),
        Conv2d(32, 32, 5, padding=2),
        MaxPool2d(2),
        Conv2d(32, 64, 5, padding=2),
        MaxPool2d(2),
        Flatten(),
        Linear(64 * 4 * 4, 64),
        Linear(64, 10),
    )


def main(folder: Path = Path("logs/sequential")) -> dict[str, Any]:
    net, images = network(), knoll.ones(64, 3, 32, 32)
    found = trace(net, (3, 32, 32))  # one pass without numbers / 不算数值，只走一遍
    layers, fields, work = found.layers, receptive_fields(found), costs(found)
    with SummaryWriter(folder) as writer:
        writer.add_graph(net, images)
    facts = {
        "output": net(images).shape,
        "shapes": [layer.output.shape[1:] for layer in layers],
        "sight": [fields[layer.outputs[0]][0].size for layer in layers[:6]],  # receptive fields / 感受野
        "parameters": [work.of[layer].parameters for layer in layers if work.of[layer].parameters],
        "all parameters": work.total.parameters,
        "multiply-adds": work.total.multiply_adds,
    }
    print(net)
    tell(
        en=f"64 images become {facts['output']}: ten scores for each",
        zh=f"64 张图像变成 {facts['output']}：每张十个得分",
    )
    tell(
        en="what one image becomes, layer by layer (channels × rows × columns):",
        zh="一张图像逐层变成什么（通道 × 行 × 列）：",
    )
    for layer, shape in zip(net, facts["shapes"], strict=True):
        print(f"  {type(layer).__name__:<10}{'×'.join(map(str, shape))}")
    tell(
        en=f"rows of the picture that one result sees, layer by layer: {facts['sight']}",
        zh=f"一个结果能看到图片的多少行，逐层：{facts['sight']}",
    )
    tell(
        en=f"{facts['all parameters']:,} parameters, {facts['multiply-adds']:,} multiply-adds for one image",
        zh=f"{facts['all parameters']:,} 个参数，每张图像 {facts['multiply-adds']:,} 次乘加",
    )
    tell(
        en=f"to see the network as a graph: tensorboard --logdir {folder}",
        zh=f"查看网络的计算图：tensorboard --logdir {folder}",
    )
    return facts


if __name__ == "__main__":
    main()
