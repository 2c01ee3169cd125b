"""A file holds the numbers, a class holds the layers; whoever loads needs both.

文件里存的是数，类里写的是层；读取时两者都要有。
"""

from __future__ import annotations

from pathlib import Path

from tell import tell

import knoll
from knoll.errors import ArgumentTypeError
from knoll.vision.models import practice


def main(folder: Path = Path("logs/save_and_load")) -> dict[str, bool | int]:
    folder.mkdir(parents=True, exist_ok=True)
    net, other = practice(), practice()
    images = knoll.rand(2, 3, 32, 32)
    before = knoll.equal(net(images), other(images))
    knoll.save(net.state_dict(), folder / "practice.safetensors")
    other.load_state_dict(knoll.load(folder / "practice.safetensors"))
    after = knoll.equal(net(images), other(images))
    tell(
        en=f"do two new networks give the same? {before}; with the weights of one in the other? {after}",
        zh=f"两个新建的网络结果相同吗？{before}；把一个的权重装进另一个之后呢？{after}",
    )
    optimizer = knoll.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    checkpoint = {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict()}
    knoll.save(checkpoint, folder / "checkpoint.safetensors")
    read = knoll.load(folder / "checkpoint.safetensors")
    other.load_state_dict(read["model"])
    optimizer.load_state_dict(read["optimizer"])
    tell(
        en=f"the checkpoint holds {', '.join(read)}; it was saved in epoch {read['epoch']}",
        zh=f"检查点里有 {'、'.join(read)}；保存于第 {read['epoch']} 轮",
    )
    try:
        knoll.save(net, folder / "whole.pth")
    except ArgumentTypeError as error:
        tell(
            en=f"a whole network is not saved: {error}",
            zh=f"整个网络不能直接保存：{error}",
        )
    return {"same before": before, "same after": after, "epoch": read["epoch"]}


if __name__ == "__main__":
    main()
