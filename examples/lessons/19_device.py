"""Where to compute is asked for once; a program that asks runs here unchanged.

只需询问一次在哪里计算；这样写的程序在这里无需修改。
"""

from __future__ import annotations

from tell import tell

import knoll
from knoll.errors import UnsupportedError
from knoll.vision.models import practice


def main() -> dict[str, str]:
    device = knoll.device("cuda" if knoll.cuda.is_available() else "cpu")
    net, images = practice().to(device), knoll.ones(2, 3, 32, 32).to(device)
    found = {"device": str(net(images).device)}
    tell(
        en=f"computed on: {found['device']}",
        zh=f"在哪里计算：{found['device']}",
    )
    try:
        practice().cuda()
    except UnsupportedError as error:
        found["answer"] = str(error.advice)
        tell(
            en=f".cuda() says: {error}",
            zh=f".cuda() 的提示：{error}",
        )
    return found


if __name__ == "__main__":
    main()
