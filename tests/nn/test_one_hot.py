from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.nn import functional as F


@pytest.mark.parametrize(
    ("numbers", "classes", "words"),
    [([0.5], -1, "one_hot is only applicable to index tensor"), ([-1], -1, "Class values must be non-negative."),
     ([3], 3, "Class values must be smaller than num_classes."), ([], -1, "num_classes should be positive")],
)  # fmt: skip
def test_one_hot_refuses(numbers: Any, classes: int, words: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match=words):
        F.one_hot(np.array(numbers, np.float64 if words.startswith("one_hot") else np.int64), classes)


def test_one_hot_is_pytorchs(torch: Any) -> None:
    numbers = np.array([[0, 2], [1, 1]])
    for classes in (-1, 5):
        expected = torch.nn.functional.one_hot(torch.tensor(numbers), classes).detach().numpy()
        np.testing.assert_array_equal(F.one_hot(numbers, classes).detach().numpy(), expected)
