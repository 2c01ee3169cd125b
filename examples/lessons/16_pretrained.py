"""A network that knows 1000 classes learns other ones: its last layer is added to, or replaced."""

from __future__ import annotations

from typing import Any

import knoll
from knoll.nn import Linear
from knoll.vision.models import mobilenet_v2


def main() -> dict[str, Any]:
    beside, added, replaced = mobilenet_v2(), mobilenet_v2(), mobilenet_v2()
    beside.add_module("add_linear", Linear(1000, 10))  # `forward` does not know of it
    added.classifier.add_module("add_linear", Linear(1000, 10))  # a Sequential calls all that it has
    replaced.classifier[1] = Linear(1280, 10)
    for parameter in replaced.features.parameters():
        parameter.requires_grad_(False)  # what it has learned to see stays as it is
    nets, image = {"beside": beside, "added": added, "replaced": replaced}, knoll.ones(1, 3, 32, 32)
    with knoll.no_grad():
        scores = {name: net.eval()(image).shape for name, net in nets.items()}
    left = [name for name, parameter in replaced.named_parameters() if parameter.requires_grad]
    print(f"a layer beside the others, which forward does not call: {scores['beside']} scores")
    print(f"a layer added to the classifier:                        {scores['added']}")
    print(f"the last layer replaced:                                {scores['replaced']}")
    print(f"with the features frozen, these are left to learn: {', '.join(left)}")
    return scores | {"left to learn": left}


if __name__ == "__main__":
    main()
