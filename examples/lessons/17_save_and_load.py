"""A file holds the numbers, a class holds the layers; whoever loads needs both.

文件里存的是数，类里写的是层；读取时两者都要有。
"""

from __future__ import annotations

from pathlib import Path

from tell import tell

import knoll
from knoll.errors import UnsafeFileError
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
    knoll.save(net, folder / "whole.pth")
    try:
        knoll.load(folder / "whole.pth")
    except UnsafeFileError as error:
        tell(
            en=f"a whole network names classes, which are only made for a file that is trusted: {error.got}",
            zh=f"整个网络的文件里写着类名，只有信任该文件时才会创建：{error.got}",
        )
    whole = knoll.load(folder / "whole.pth", weights_only=False)
    same = knoll.equal(net(images), whole(images))
    tell(
        en=f"with weights_only=False the whole network comes back; does it give the same? {same}",
        zh=f"weights_only=False 时整个网络读了回来；结果相同吗？{same}",
    )
    return {"same before": before, "same after": after, "epoch": read["epoch"], "same whole": same}


if __name__ == "__main__":
    main()
