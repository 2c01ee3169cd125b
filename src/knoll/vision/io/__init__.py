"""Pictures in files as tensors of uint8, and tensors as files: torchvision's `io`, without videos.

https://pytorch.org/vision/stable/io.html
"""

from __future__ import annotations

from knoll.calls import advise
from knoll.vision.io.image import (
    ImageReadMode,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
    read_file,
    read_image,
    write_file,
    write_jpeg,
    write_png,
)

__all__ = [
    "ImageReadMode",
    "decode_image",
    "decode_jpeg",
    "decode_png",
    "encode_jpeg",
    "encode_png",
    "read_file",
    "read_image",
    "write_file",
    "write_jpeg",
    "write_png",
]

advise(__name__)
