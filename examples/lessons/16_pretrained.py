"""A network that knows 1000 classes learns other ones: its last layer is added to, or replaced.

让认识 1000 类的网络去学别的类别：在最后一层之后加一层，或者换掉最后一层。
"""

from __future__ import annotations

from typing import Any

from tell import tell

import knoll
from knoll.nn import Linear
from knoll.vision.models import mobilenet_v2


def main() -> dict[str, Any]:
    beside, added, replaced = mobilenet_v2(), mobilenet_v2(), mobilenet_v2()
    beside.add_module("add_linear", Linear(1000, 10))  # `forward` does not call it / `forward` 不会调用它
    added.classifier.add_module("add_linear", Linear(1000, 10))  # a Sequential calls it / Sequential 会调用它
    replaced.classifier[1] = Linear(1280, 10)
    for parameter in replaced.features.parameters():
        parameter.requires_grad_(False)  # what it has learned stays / 已经学会的保持不变
    nets, image = {"beside": beside, "added": added, "replaced": replaced}, knoll.ones(1, 3, 32, 32)
    with knoll.no_grad():
        scores = {name: net.eval()(image).shape for name, net in nets.items()}
    left = [name for name, parameter in replaced.named_parameters() if parameter.requires_grad]
    tell(
        en=f"a layer beside the others, which forward does not call: scores {scores['beside']}, nothing changed",
        zh=f"层放在一旁，forward 不调用它：得分 {scores['beside']}，没有变化",
    )
    tell(
        en=f"a layer added to the classifier: scores {scores['added']}",
        zh=f"层加进 classifier：得分 {scores['added']}",
    )
    tell(
        en=f"the last layer replaced: scores {scores['replaced']}",
        zh=f"换掉最后一层：得分 {scores['replaced']}",
    )
    tell(
        en=f"with the features frozen, these are left to learn: {', '.join(left)}",
        zh=f"冻结 features 之后，还会学习的只有：{'、'.join(left)}",
    )
    return scores | {"left to learn": left}


if __name__ == "__main__":
    main()
