"""Forget the last gradients, find new ones, take a step against them; again and again the loss falls."""

from __future__ import annotations

from pictures import pictures

from knoll.data import DataLoader
from knoll.nn import CrossEntropyLoss
from knoll.optim import SGD
from knoll.vision.models import practice


def main(epochs: int = 3, count: int = 200) -> list[float]:
    net, loss_of = practice(), CrossEntropyLoss()
    optimizer = SGD(net.parameters(), lr=0.01)
    loader = DataLoader(pictures(count=count), batch_size=1)
    print(f"{epochs} epochs of {len(loader)} steps, one image each")
    losses = []
    for epoch in range(epochs):
        running_loss = 0.0
        for images, labels in loader:
            loss = loss_of(net(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running_loss += loss.item()  # the number alone: the tensor would keep the whole step in memory
        losses.append(running_loss)
        print(f"epoch {epoch}: the losses add up to {running_loss:.1f}")
    return losses


if __name__ == "__main__":
    main()
