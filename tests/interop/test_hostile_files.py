"""Files made to do harm: each ends in an error of Knoll, soon, and without more memory than it explains."""

from __future__ import annotations

import collections
import contextlib
import copyreg
import io
import json
import pickle
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.data import inert_pickle
from knoll.errors import DataError, KnollError, UnsafeFileError
from knoll.interop import safetensors_file
from knoll.interop.weights import read_weights

P2 = b"\x80\x02"


def text(letters: str) -> bytes:
    """The operation that puts a text on the stack."""
    return b"X" + len(letters).to_bytes(4, "little") + letters.encode()


def torch_file(program: bytes, **storages: bytes) -> bytes:
    """A file as torch.save writes it, with this pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("name/data.pkl", program)
        for key, data in storages.items():
            archive.writestr(f"name/data/{key}", data)
    return buffer.getvalue()


def header_file(header: object) -> bytes:
    """A safetensors file with this header and no numbers."""
    data = json.dumps(header).encode()
    return len(data).to_bytes(8, "little") + data


def doubled(times: int) -> bytes:
    """A tuple of two tuples of two tuples …, the two being the same: small, but endless to go through."""
    twice = (b"0h%ch%c\x86q%c" % (k, k, k + 1) for k in range(times))
    return b")q\x00" + b"".join(twice)


def tensor(shape: bytes, stride: bytes, key: bytes = b"0") -> bytes:
    """A tensor of one storage of floats, its sizes as programs."""
    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key.decode()) + text("cpu") + b"K\x01tQ"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + shape + stride + b"\x89}tR"


def list_of(parts: list[bytes]) -> bytes:
    return P2 + b"](" + b"".join(parts) + b"e."


def large(number: int) -> bytes:
    return b"J" + number.to_bytes(4, "little")


def module_with_itself(names: int) -> bytes:
    own = b"".join(text("a" * 100 + str(k)) + b"h\x00" for k in range(names))
    return P2 + b"c__main__\nNet\n)\x81q\x00}(" + text("_modules") + b"}(" + own + b"uub."


def many_classes() -> bytes:
    return P2 + b"".join(f"cm\nc{k}\n0".encode() for k in range(100_000)) + b"N."


def int_keys() -> bytes:
    # Numbers that all have the hash 0, so that each is compared with all before.
    keys = (k * ((1 << 61) - 1) for k in range(1, 100_000))
    return P2 + b"}(" + b"".join(b"\x8a\x0c" + key.to_bytes(12, "little") + b"N" for key in keys) + b"u."


FILES: dict[str, bytes] = {
    "a place in the memo beyond all memory": torch_file(P2 + b"Nr\xff\xff\xff\x7f)\x86."),
    "a number repeated in many tensors": torch_file(
        list_of([tensor(large(1 << 24) + b"\x85", b"K\x00\x85")] * 100), **{"0": bytes(64)}
    ),
    "one storage copied for many tensors": torch_file(
        list_of([tensor(large(1 << 18) + b"\x85", b"K\x01\x85")] * 2000), **{"0": bytes(1 << 20)}
    ),
    "a text encoded again and again": torch_file(
        P2
        + b"c_codecs\nencode\nq\x00"
        + text("a" * 10**6)
        + text("latin1")
        + b"\x86q\x01]("
        + b"h\x00h\x01R" * 9999
        + b"e."
    ),
    "a size that repeats a text": torch_file(
        list_of([tensor(text("a") + large(1 << 30) + b"\x86", b"K\x00K\x00\x86")])
    ),
    "an array whose sizes repeat a text": torch_file(
        P2 + b"cnumpy.core.multiarray\n_reconstruct\n)R(K\x01" + text("a") + large(1 << 30) + b"\x86"
        b"cnumpy\ndtype\n" + text("f4") + b"\x85R\x89" + text("") + b"tb."
    ),
    "a doubled tuple as a key": torch_file(P2 + b"}" + doubled(60) + b"Ns."),
    "a doubled tuple in a set": torch_file(P2 + b"c__builtin__\nset\n](" + doubled(60) + b"e\x85R."),
    "a doubled tuple in a frozen set": torch_file(b"\x80\x04(" + doubled(60) + b"\x91."),
    "a doubled tuple in an ordered dict": torch_file(
        P2 + b"ccollections\nOrderedDict\n](" + doubled(60) + b"N\x86e\x85R."
    ),
    "a doubled tuple as a pointer": torch_file(P2 + doubled(60) + b"Q."),
    "a doubled tuple as a device": torch_file(P2 + b"ctorch\ndevice\n" + doubled(60) + b"\x85R."),
    "a doubled tuple as an element type": torch_file(P2 + b"cnumpy\ndtype\n" + doubled(60) + b"\x85R."),
    "tuples within tuples as a key": torch_file(P2 + b"})" + b"\x85" * 200_000 + b"Ns."),
    "lists within lists": torch_file(P2 + b"]" * 200_000 + b"a" * 199_999 + b"."),
    "sets without end": torch_file(b"\x80\x04" + b"\x8f0" * 2_200_000 + b"N."),
    "classes without end": torch_file(many_classes()),
    "steps without end": torch_file(P2 + b"N0" * 4_300_000 + b"N."),
    "keys that share their hash": torch_file(int_keys()),
    "modules that contain themselves": torch_file(module_with_itself(1)),
    "modules that contain themselves often": torch_file(module_with_itself(200)),
    "a sparse header": (1 << 40).to_bytes(8, "little") + b"{" + bytes(600),
    "an array of 100 axes": header_file({"x": {"dtype": "F32", "shape": [1] * 99 + [0], "data_offsets": [0, 0]}}),
    "an empty array beyond all memory": header_file(
        {"x": {"dtype": "F32", "shape": [0, 1 << 63], "data_offsets": [0, 0]}}
    ),
    "a structure nested without end": header_file({"__metadata__": {"knoll.structure": "[" * 200_000}}),
    "a number beyond all floats": header_file({"__metadata__": {"knoll.structure": '{"float": 1%s}' % ("0" * 999)}}),
    "keys of a structure that share their hash": header_file(
        {
            "__metadata__": {
                "knoll.structure": json.dumps({"dict": [[k * ((1 << 61) - 1), 0] for k in range(1, 100_000)]})
            }
        }
    ),
}

READER = """
import pathlib, resource, sys
import knoll, knoll.interop.saving, knoll.train.weights
used = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), used + (1 << 30)))
resource.setrlimit(resource.RLIMIT_CPU, (200, 200))
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        read = knoll.train.weights.load_network if "modules" in path.name else knoll.load
        read(path)
    except knoll.errors.KnollError as error:
        str(error)
    except BaseException as error:
        print(path.name, repr(error)[:200])
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits need Linux")
def test_a_file_cannot_ask_for_more_than_it_explains(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run([sys.executable, "-c", READER, tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_extension_codes_are_refused() -> None:
    ran: list[str] = []
    copyreg.add_extension("builtins", "print", 240)
    try:
        with pytest.raises(UnsafeFileError, match=r"copyreg\[240\]"):
            inert_pickle.loads(P2 + b"\x82\xf0" + text("x") + b"\x85R.")
        copyreg._extension_cache[240] = ran.append  # as if it had been used before
        with pytest.raises(UnsafeFileError, match=r"copyreg\[240\]"):
            inert_pickle.loads(P2 + b"\x82\xf0" + text("x") + b"\x85R.")
    finally:
        copyreg.remove_extension("builtins", "print", 240)
    assert ran == []


def test_names_of_an_archive_that_are_no_texts_are_told(tmp_path: Path) -> None:
    whole = torch_file(P2 + b"N.", **{"0": bytes(4)})
    path = tmp_path / "weights.pth"
    for place in range(len(whole) - 4):
        if whole[place : place + 4] in (b"PK\x01\x02", b"PK\x03\x04"):
            flags = place + (8 if whole[place + 2] == 1 else 6)  # these say that names are UTF-8
            name = place + (46 if whole[place + 2] == 1 else 30)
            broken = bytearray(whole)
            broken[flags + 1] |= 8
            broken[name] = 0xFF
            path.write_bytes(broken)
            with contextlib.suppress(KnollError):
                knoll.load(path)


def mutated(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice([1, 1, 2, 4, 20])):
        place = draw.randrange(len(changed))
        match draw.randrange(4):
            case 0:
                changed[place] = draw.randrange(256)
            case 1:
                changed[place] = draw.choice(b"().0NR}]a\x81\x85\x86tbuseqh\"',:[{\xff")
            case 2:
                changed[place:place] = draw.randbytes(draw.randrange(9))
            case _:
                del changed[place : place + draw.randrange(9)]
    return bytes(changed) or b"\0"


def damaged_archive(program: bytes, draw: random.Random) -> bytes:
    return torch_file(mutated(program, draw), **{"0": bytes(48)})


def damaged_header(whole: bytes, draw: random.Random) -> bytes:
    end = 8 + int.from_bytes(whole[:8], "little")
    header = mutated(whole[8:end], draw)
    return len(header).to_bytes(8, "little") + header + whole[end:]


def checkpoint(folder: Path) -> bytes:
    net = knoll.nn.Linear(3, 2)
    optimizer = knoll.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    value = {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict(), ("a", 1): float("inf")}
    knoll.save(value, folder / "whole.safetensors")
    return (folder / "whole.safetensors").read_bytes()


@pytest.mark.parametrize("kind", ["pickle", "archive", "header", "any byte"])
def test_whatever_is_damaged_ends_in_an_error_of_knoll(kind: str, tmp_path: Path) -> None:
    draw, path = random.Random(kind), tmp_path / "damaged"  # noqa: S311 (no secret)
    value = collections.OrderedDict(a=[1, 2.5, None, "x"], b=(True, {3: b"4"}), c=np.arange(6.0).reshape(2, 3))
    programs = [pickle.dumps(value, protocol) for protocol in range(6)]
    programs.append(P2 + b"}(" + text("w") + tensor(b"K\x03K\x04\x86", b"K\x04K\x01\x86") + b"u.")
    saved = checkpoint(tmp_path)
    for _ in range(60):
        program = draw.choice(programs)
        if kind == "pickle":
            with contextlib.suppress(KnollError):
                inert_pickle.loads(mutated(program, draw))
            continue
        match kind:
            case "archive":
                path.write_bytes(damaged_archive(program, draw))
            case "header":
                path.write_bytes(damaged_header(saved, draw))
            case _:
                path.write_bytes(mutated(draw.choice([saved, torch_file(program, **{"0": bytes(48)})]), draw))
        for read in (knoll.load, read_weights, safetensors_file.load):
            try:
                read(path)
            except KnollError as error:
                assert path.name in str(error)  # noqa: PT017 (some damages are none)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_every_protocol_of_pickle_is_read(torch: Any, protocol: int, new: bool, tmp_path: Path) -> None:
    value = {"w": torch.arange(6.0).reshape(2, 3), "n": [1, (2, None)], "s": {"a"}}
    torch.save(value, tmp_path / "w.pth", pickle_protocol=protocol, _use_new_zipfile_serialization=new)
    read = knoll.load(tmp_path / "w.pth")
    assert read["w"].tolist() == value["w"].tolist()
    assert (read["n"], read["s"]) == (value["n"], value["s"])


def test_texts_of_python_2_are_letters_of_one_byte() -> None:
    assert inert_pickle.loads(b"(S'a\\xe9\\n'\nU\x01\xe9T\x01\x00\x00\x00\xe9l.") == ["aé\n", "é", "é"]


def test_a_cut_header_is_told(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(checkpoint(tmp_path)[:100])
    with pytest.raises(DataError, match="is not a complete safetensors file"):
        knoll.load(path)
