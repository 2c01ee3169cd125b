"""A loader makes batches, in a new order every epoch; the last batch is smaller unless it is dropped.

加载器把样本分批，每一轮的次序都不同；最后一批更小，除非丢掉它。
"""

from __future__ import annotations

from pathlib import Path

from pictures import pictures
from tell import tell

from knoll.data import DataLoader
from knoll.train.events import SummaryWriter


def main(folder: Path = Path("logs/dataloader")) -> dict[str, list[int]]:
    test_set = pictures(train=False)
    loader = DataLoader(test_set, batch_size=64, shuffle=True, drop_last=True)
    steps, first = [], []
    with SummaryWriter(folder) as writer:
        for epoch in range(2):
            for step, (images, labels) in enumerate(loader):
                if step % 50 == 0:  # TensorBoard shows ten at most / TensorBoard 最多显示十张
                    writer.add_images(f"Epoch: {epoch}", images, step)
                if step == 0:
                    first.append(labels.tolist())
            steps.append(step + 1)
            tell(
                en=f"epoch {epoch}: {steps[-1]} batches {images.shape}; the first classes are {first[-1][:8]}",
                zh=f"第 {epoch} 轮：{steps[-1]} 批，每批 {images.shape}；最前面的类别是 {first[-1][:8]}",
            )
    sizes = [len(labels) for _, labels in DataLoader(test_set, batch_size=64)]
    tell(
        en=f"without drop_last: {len(sizes)} batches, the last of {sizes[-1]} images",
        zh=f"不写 drop_last：{len(sizes)} 批，最后一批 {sizes[-1]} 张图像",
    )
    tell(
        en=f"to see some batches: tensorboard --logdir {folder}",
        zh=f"查看其中几批：tensorboard --logdir {folder}",
    )
    return {"steps": steps, "all": [len(sizes), sizes[-1]], "reordered": [first[0] != first[1]]}


if __name__ == "__main__":
    main()
