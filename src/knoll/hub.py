"""`torch.hub`: weights that others published, fetched once and read without executing anything.

They lie where PyTorch keeps them, so that what either library has fetched serves both.
https://pytorch.org/docs/stable/hub.html
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import urllib.error
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlparse

from knoll.calls import advised
from knoll.errors import ArgumentError, FileError, UnsupportedError
from knoll.interop.saving import load as read
from knoll.interop.web import Progress, answer_of, bar, reason_of
from knoll.messages import say
from knoll.tensor.arguments import file_name as checked_path
from knoll.tensor.arguments import text

HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")  # at the end of a published file's name: the beginning of its SHA-256 sum
_CHUNK = 1 << 17
_dir: list[str] = []


def get_dir() -> str:
    """The folder of what is fetched: that of `set_dir`, else `hub` in `TORCH_HOME`, else `~/.cache/torch/hub`."""
    if _dir:
        return _dir[-1]
    cache = os.getenv("XDG_CACHE_HOME", "~/.cache")
    return os.path.join(os.path.expanduser(os.getenv("TORCH_HOME", os.path.join(cache, "torch"))), "hub")


@advised
def set_dir(d: str | os.PathLike[str]) -> None:
    """Keep what is fetched in this folder."""
    _dir[:] = [os.path.expanduser(checked_path(d, "set_dir", "d"))]


@advised
def load_state_dict_from_url(
    url: str,
    model_dir: str | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = True,
) -> dict[str, Any]:
    """The state dict of a file on the network, fetched once into `model_dir`, else into `checkpoints` of `get_dir()`.

    With `check_hash` the end of its name is the beginning of its SHA-256 sum, as `resnet18-f37072fd.pth`. With
    `progress` a bar is drawn while it is fetched. Raises FileError where it cannot be, with the way to do it by hand.

    >>> import os, tempfile
    >>> import knoll
    >>> from knoll import hub
    >>> folder = tempfile.mkdtemp()
    >>> knoll.save({"weight": knoll.ones(2)}, os.path.join(folder, "net.pth"))  # it is there already
    >>> hub.load_state_dict_from_url("https://example.org/net.pth", folder)["weight"]
    tensor([1., 1.])
    """
    name = file_name or os.path.basename(urlparse(text(url, "load_state_dict_from_url", "url")).path)
    folder = os.path.join(get_dir(), "checkpoints") if model_dir is None else os.path.expanduser(model_dir)
    target = Path(folder) / name
    if not target.is_file():
        found = HASH_REGEX.search(name) if check_hash else None
        download_url_to_file(url, target, found[1] if found else None, progress)
    weights: dict[str, Any] = read(target, map_location, weights_only=weights_only)
    return weights


@advised
def download_url_to_file(
    url: str,
    dst: str | os.PathLike[str],
    hash_prefix: str | None = None,
    progress: bool = True,
) -> None:
    """Fetch a file, which bears its name only when it is whole. Raises FileError; ArgumentError for another sum."""
    target = Path(checked_path(dst, "download_url_to_file", "dst"))
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with bar(target.name) if progress else nullcontext(_unseen) as report:
            found = _fetched(text(url, "download_url_to_file", "url"), partial, report)
    except (OSError, http.client.HTTPException, ValueError) as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise FileError(
            say("train.not_fetched", url=url),
            got=reason_of(error),
            advice=say("train.fetch_by_hand", url=url, path=target),
        ) from None
    if hash_prefix is not None and not found.startswith(hash_prefix):
        partial.unlink()
        raise ArgumentError(f'invalid hash value (expected "{hash_prefix}", got "{found}")')
    os.replace(partial, target)


def _unseen(done: int, total: int) -> None:
    """Show no progress."""


def _fetched(url: str, partial: Path, report: Progress) -> str:
    """The SHA-256 sum of what comes from this address, which is written into a file. Raises OSError."""
    digest = hashlib.sha256()
    with answer_of(url) as response, partial.open("wb") as file:
        length, have = response.headers.get("Content-Length"), 0
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            have += len(chunk)
            report(have, have if length is None else int(length))
    if length is not None and have != int(length):
        raise OSError(say("vision.cut_short", have=have, size=int(length)))
    return digest.hexdigest()


def load(*_: Any, **__: Any) -> NoReturn:
    """Refuse: a program of somebody else would be fetched and run."""
    raise UnsupportedError(say("train.no_hub"), advice=say("train.no_hub_advice"))
