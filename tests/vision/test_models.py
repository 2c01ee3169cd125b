from __future__ import annotations

import numpy as np
import pytest

from knoll.errors import ArgumentError
from knoll.vision.models import Practice, get_model, list_models, practice


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


def test_other_sizes_of_images() -> None:
    assert practice(10, (1, 20, 47))(np.zeros((2, 1, 20, 47), np.float32)).shape == (2, 10)


@pytest.mark.parametrize("shape", [(3, 7, 32), (3, 32, 7), (0, 32, 32), (32, 32)])
def test_images_of_which_nothing_would_be_left(shape: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentError, match=r"too small(?s:.)*8 rows"):
        practice(10, shape)


def test_names() -> None:
    assert list_models() == sorted(list_models())
    assert isinstance(get_model("practice", num_classes=3), Practice)
    with pytest.raises(ArgumentError, match=r"Unknown model practise(?s:.)*practice"):
        get_model("practise")
