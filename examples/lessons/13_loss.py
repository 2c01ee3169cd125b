"""Three ways to say how far a result is from what it should be."""

from __future__ import annotations

import knoll
from knoll.nn import CrossEntropyLoss, L1Loss, MSELoss


def main() -> tuple[float, float, float]:
    got, wanted = knoll.tensor([1.0, 2.0, 3.0]), knoll.tensor([1.0, 2.0, 5.0])
    scores, label = knoll.tensor([[0.1, 0.2, 0.3]]), knoll.tensor([1])  # scores, not probabilities
    absolute = L1Loss(reduction="sum")(got, wanted).item()
    square = MSELoss()(got, wanted).item()
    entropy = CrossEntropyLoss()(scores, label).item()
    print(f"got {got.tolist()}, wanted {wanted.tolist()}")
    print(f"L1Loss, the sum of the differences:            {absolute:.4f}")
    print(f"MSELoss, the mean of their squares:            {square:.4f}")
    print(f"CrossEntropyLoss of 0.1, 0.2, 0.3 for class 1: {entropy:.4f}")
    return absolute, square, entropy


if __name__ == "__main__":
    main()
