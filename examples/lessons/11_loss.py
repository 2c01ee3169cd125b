"""Three ways to say how far a result is from what it should be."""

from __future__ import annotations

import knoll
from knoll.nn import CrossEntropyLoss, L1Loss, MSELoss


def main() -> tuple[float, float, float]:
    came, wanted = knoll.tensor([1.0, 2.0, 3.0]), knoll.tensor([1.0, 2.0, 5.0])
    scores, label = knoll.tensor([[0.1, 0.2, 0.3]]), knoll.tensor([1])  # scores, not probabilities
    return (
        L1Loss(reduction="sum")(came, wanted).item(),
        MSELoss()(came, wanted).item(),
        CrossEntropyLoss()(scores, label).item(),
    )


if __name__ == "__main__":
    print(*(f"{loss:.4f}" for loss in main()))
