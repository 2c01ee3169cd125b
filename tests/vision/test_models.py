from __future__ import annotations

import numpy as np

from knoll.vision.models import Practice, practice


def test_keys_and_shapes_of_the_practice_network() -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in practice().state_dict().items()}
    assert shapes == {
        "model1.0.weight": (32, 3, 5, 5),
        "model1.0.bias": (32,),
        "model1.2.weight": (32, 32, 5, 5),
        "model1.2.bias": (32,),
        "model1.4.weight": (64, 32, 5, 5),
        "model1.4.bias": (64,),
        "model1.7.weight": (64, 1024),
        "model1.7.bias": (64,),
        "model1.8.weight": (10, 64),
        "model1.8.bias": (10,),
    }


def test_any_number_of_classes() -> None:
    assert Practice(3)(np.zeros((4, 3, 32, 32), np.float32)).shape == (4, 3)
