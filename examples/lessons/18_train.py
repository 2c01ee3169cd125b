"""The whole of it: train for some epochs, test after each, draw both, keep the weights.

完整的过程：训练若干轮，每轮之后测试，画出曲线，保存权重。
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pictures import pictures
from tell import tell

import knoll
from knoll.data import DataLoader
from knoll.nn import CrossEntropyLoss
from knoll.optim import SGD
from knoll.train.events import SummaryWriter
from knoll.vision.models import practice


@dataclass
class Course:
    """Test loss (the sum over all batches, not a mean) and accuracy after each epoch.

    每轮之后的测试损失（所有批次之和，不是平均值）和准确率。
    """

    steps: int = 0
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)


def main(folder: Path = Path("logs/train"), epochs: int = 10, count: int | None = None, lr: float = 0.01) -> Course:
    train = DataLoader(pictures(train=True, count=count), batch_size=64, shuffle=True)
    test = DataLoader(pictures(train=False, count=count), batch_size=64)
    net, loss_of, course = practice(), CrossEntropyLoss(), Course()
    optimizer = SGD(net.parameters(), lr=lr)
    tell(
        en=f"{len(train.dataset)} images to train on, {len(test.dataset)} to test with, {len(train)} steps in an epoch",
        zh=f"训练用 {len(train.dataset)} 张图像，测试用 {len(test.dataset)} 张，每轮 {len(train)} 步",
    )
    with SummaryWriter(folder) as writer:
        for epoch in range(epochs):
            net.train()
            for images, labels in train:
                loss = loss_of(net(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                course.steps += 1
                if course.steps % 100 == 0:
                    tell(
                        en=f"step {course.steps}: loss {loss.item():.4f}",
                        zh=f"第 {course.steps} 步：损失 {loss.item():.4f}",
                    )
                    writer.add_scalar("train_loss", loss, course.steps)
            net.eval()
            total, hits = 0.0, 0
            with knoll.no_grad():
                for images, labels in test:
                    scores = net(images)
                    total += loss_of(scores, labels).item()
                    hits += int((scores.argmax(1) == labels).sum())
            course.losses.append(total)
            course.accuracies.append(hits / len(test.dataset))
            tell(
                en=f"epoch {epoch + 1}: test loss {total:.2f} in all, accuracy {course.accuracies[-1]:.1%}",
                zh=f"第 {epoch + 1} 轮：测试损失合计 {total:.2f}，准确率 {course.accuracies[-1]:.1%}",
            )
            writer.add_scalar("test_loss", total, epoch + 1)
            writer.add_scalar("test_accuracy", course.accuracies[-1], epoch + 1)
            knoll.save(net.state_dict(), folder / f"practice_{epoch}.safetensors")
    tell(en=f"to see the curves: tensorboard --logdir {folder}", zh=f"查看曲线：tensorboard --logdir {folder}")
    return course


if __name__ == "__main__":
    main()
