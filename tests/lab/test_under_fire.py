"""What is too large, too much, broken or no layer at all is refused with a sentence, quickly and with little memory."""

from __future__ import annotations

import asyncio
import io
import resource
import struct
import sys
import zlib
from collections.abc import Callable

import httpx2
import pytest
from PIL import Image
from tests.lab.client import ADDRESS, PORT, TOKEN, reached

from knoll.lab import worker
from knoll.lab.app import application
from knoll.lab.image import KEPT, MOST_PIXELS, Images
from knoll.lab.resources import Resources
from knoll.lab.setting import Setting
from knoll.lab.views import VIEWS
from knoll.messages import LANGUAGES, Language, sentence

HUGE = (
    "Conv2d(3, 6, 3, padding=2000000000)", "Conv2d(3, 1000000000, 3)", "Conv2d(3, 100000, 300)",
    "Conv2d(60000, 60000, 60)",
    "ConvTranspose2d(3, 3, 3, stride=60000)", "Upsample(scale_factor=1000000000.0)", "Upsample(size=60000)",
    "AdaptiveAvgPool2d(60000)", "ZeroPad2d(60000)", "Linear(60000, 60000)", "MultiheadAttention(60000, 1)",
    "LazyLinear(60000)", "LazyConv2d(60000, 100)", "PReLU(1000000000)", "BatchNorm2d(1000000000)", "PixelShuffle(1000)",
    "ChannelShuffle(60000)", "Sequential(" + "Upsample(scale_factor=2), " * 12 + ")", "MaxPool2d(2, dilation=60000)",
)  # fmt: skip
NO_LAYER = (
    "", "1", "os.system('true')", "__import__('os')", "Conv2d(*[3, 6, 3])", "Conv2d(**{})", "lambda: 1",
    "Conv2d(3, 6, 3",
    "Conv3d(3, 6, 3)", "\x00", "Module()", "(" * 200, "-" * 3000 + "1", "Conv2d(open('x'))", "小土堆()", "ReLU(" * 300,
)  # fmt: skip


@pytest.mark.parametrize("view", ["layer", "cell", "compare", "solve", "takeaway"])
@pytest.mark.parametrize("layer", [*HUGE, *NO_LAYER])
def test_what_is_too_large_or_no_layer_is_refused(layer: str, view: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = reached().get(f"/view/{view}", params={"layer": layer, "language": "zh"})
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert answer.status_code in (200, 400), answer.text
    if view == "layer":
        assert answer.json()["refused"]["reason"]
    assert (after - before) * (1 if sys.platform == "darwin" else 1024) < 300 << 20


def bomb(side: int) -> bytes:
    """A PNG file of a few kilobytes that says it has so many rows and columns."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def saved(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture as a file of a kind."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (lambda: bomb(50_000), "lab.huge_image"),
    "one more row than is decoded": (lambda: bomb(4097), "lab.huge_image"),
    "nothing": (bytes, "lab.not_an_image"),
    "text": (lambda: b"<svg onload='alert(1)'/>", "lab.not_an_image"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "lab.not_an_image"),
    "cut short": (lambda: saved("PNG", size=(400, 300))[:200], "lab.broken_image"),
    "pixels that are missing": (lambda: bomb(4000), "lab.broken_image"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", REFUSED)
def test_pictures_that_are_none_are_refused(what: str, language: Language) -> None:
    make, words = REFUSED[what]
    answer = reached().post(f"/image?language={language}", content=make())
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(sentence(words).text(language))


def test_the_largest_picture_that_is_decoded_is_bounded() -> None:
    assert MOST_PIXELS == 4096 * 4096


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "I;16", "CMYK", "LA"])
def test_pictures_of_every_kind_are_taken(kind: str, mode: str) -> None:
    try:
        content = saved(kind, mode)
    except (OSError, KeyError, ValueError):
        return  # this kind of file has no such pixels
    client = reached()
    name = client.post("/image", content=content).json()["name"]
    answer = client.get("/view/layer", params={"input": f"image:{name}", "size": "16"}).json()
    assert answer["inputs"] == "3×16×16"


def test_the_oldest_pictures_are_forgotten() -> None:
    images = Images()
    names = [images.add(saved("PNG", size=(side, 1))) for side in range(1, KEPT + 3)]
    assert len(set(names)) == KEPT + 2
    client = reached(Resources(images))
    gone, kept = (client.get("/view/layer", params={"input": f"image:{name}"}).json() for name in (names[0], names[-1]))
    assert gone["refused"]["reason"].startswith(sentence("lab.no_image", kept=KEPT).text("en"))
    assert kept["refused"] is None


@pytest.mark.parametrize(
    "query",
    [
        "size=31", "size=-1", "size=1e9", "size=", "cell=x", "cell=1,2,3,4,5,6,7", "cell=-1", "cell=0,0,0,99999999",
        "way=up", "language=fr", "input=/etc/passwd", "input=image:../../x", "input=1 2;3", "input=1e999", "input=nan",
        "input=;", "input=" + "1 " * 40, "set.nothing=1", "set.stride=(1,2,3)", "set.stride=__import__('os')",
        "set.padding=%00",
        "&".join(f"a{number}=1" for number in range(20)),
    ],
)  # fmt: skip
def test_garbage_is_refused(query: str) -> None:
    answer = reached().get(f"/view/layer?{query}")
    if answer.status_code == 200:
        assert answer.json()["refused"]["reason"]
    else:
        assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


async def _asked(count: int) -> list[int]:
    transport = httpx2.ASGITransport(application(Resources(), PORT, TOKEN))
    cookies = {f"knoll-lab-{PORT}": TOKEN}
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS, cookies=cookies) as client:
        queries = [
            f"/view/cell?layer=MaxPool2d({2 + n % 3})&size=16&cell=0,0,{n % 4},{n // 4 % 4}" for n in range(count)
        ]
        return [answer.status_code for answer in await asyncio.gather(*map(client.get, queries))]


def test_fifty_sessions_at_once_are_all_answered() -> None:
    assert asyncio.run(_asked(50)) == [200] * 50


def test_more_than_can_wait_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_WAITING", 4)
    codes = asyncio.run(_asked(40))
    assert set(codes) == {200, 503}


def test_a_fault_of_the_lab_is_told_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(setting: Setting, resources: Resources) -> object:
        raise ZeroDivisionError("secret")

    monkeypatch.setitem(VIEWS, "layer", broken)
    answer = reached().get("/view/layer?language=zh")
    assert (answer.status_code, answer.json()) == (500, {"error": sentence("lab.failed").text("zh")})


def test_memory_that_there_is_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(setting: Setting, resources: Resources) -> object:
        raise MemoryError

    monkeypatch.setitem(VIEWS, "layer", greedy)
    answer = reached().get("/view/layer")
    assert answer.status_code == 400
    assert "can't allocate memory" in answer.json()["error"]
