"""Where to compute is asked for once; a program that asks runs here unchanged."""

from __future__ import annotations

import knoll
from knoll.errors import UnsupportedError
from knoll.vision.models import practice


def main() -> dict[str, str]:
    device = knoll.device("cuda" if knoll.cuda.is_available() else "cpu")
    net, images = practice().to(device), knoll.ones(2, 3, 32, 32).to(device)
    found = {"device": str(net(images).device)}
    print(f"computed on: {found['device']}")
    try:
        practice().cuda()
    except UnsupportedError as error:
        found["answer"] = str(error.advice)
        print(f".cuda() says: {error}")
    return found


if __name__ == "__main__":
    main()
