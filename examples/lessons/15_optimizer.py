"""Forget the last gradients, find new ones, take a step against them; again and again the loss falls.

清掉上次的梯度，求出新的梯度，朝反方向走一步；一遍又一遍，损失就降下来。
"""

from __future__ import annotations

from pictures import pictures
from tell import tell

from knoll.data import DataLoader
from knoll.nn import CrossEntropyLoss
from knoll.optim import SGD
from knoll.vision.models import practice


def main(epochs: int = 3, count: int = 200) -> list[float]:
    net, loss_of = practice(), CrossEntropyLoss()
    optimizer = SGD(net.parameters(), lr=0.01)
    loader = DataLoader(pictures(count=count), batch_size=1)
    tell(
        en=f"{epochs} epochs of {len(loader)} steps, one image each",
        zh=f"共 {epochs} 轮，每轮 {len(loader)} 步，每步一张图像",
    )
    losses = []
    for epoch in range(epochs):
        running_loss = 0.0
        for images, labels in loader:
            loss = loss_of(net(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # The number alone: `+= loss` keeps each step in memory. / 只取数值：`+= loss` 会把每一步留在内存里。
            running_loss += loss.item()
        losses.append(running_loss)
        tell(
            en=f"epoch {epoch}: the losses add up to {running_loss:.1f}",
            zh=f"第 {epoch} 轮：损失之和为 {running_loss:.1f}",
        )
    return losses


if __name__ == "__main__":
    main()
