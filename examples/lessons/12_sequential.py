"""Nine layers in a row: the practice network, and what each of them makes of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import knoll
from knoll.analysis import costs, receptive_fields, trace
from knoll.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential
from knoll.train.events import SummaryWriter


def network() -> Sequential:
    return Sequential(
        Conv2d(3, 32, 5, padding=2),  # (32 + 2·2 − 5) / 1 + 1 = 32: padding of half the window keeps the size
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
    found = trace(net, (3, 32, 32))  # one pass without numbers
    layers, fields, work = found.layers, receptive_fields(found), costs(found)
    with SummaryWriter(folder) as writer:
        writer.add_graph(net, images)
    facts = {
        "output": net(images).shape,
        "shapes": [layer.output.shape[1:] for layer in layers],
        "sight": [fields[layer.outputs[0]][0].size for layer in layers[:6]],  # rows of the picture behind each row
        "parameters": [work.of[layer].parameters for layer in layers if work.of[layer].parameters],
        "all parameters": work.total.parameters,
        "multiply-adds": work.total.multiply_adds,
    }
    print(net)
    print(f"64 images become {facts['output']}: ten scores for each")
    for layer, shape in zip(net, facts["shapes"], strict=True):
        print(f"  {type(layer).__name__:<10}{'×'.join(map(str, shape))}")
    print(f"rows of the picture that one result sees, layer by layer: {facts['sight']}")
    print(f"{facts['all parameters']:,} parameters, {facts['multiply-adds']:,} multiply-adds for one image")
    return facts


if __name__ == "__main__":
    main()
