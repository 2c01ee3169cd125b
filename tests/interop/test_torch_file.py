"""Files of torch.save: what PyTorch itself would load, and what every hostile or damaged one is answered."""

from __future__ import annotations

import collections
import contextlib
import io
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import DataError, FileError, KnollError, UnsafeFileError, UnsupportedError
from knoll.interop import load_torch
from knoll.interop.torch_file import weights_of
from knoll.interop.torch_legacy import read_legacy
from knoll.interop.torch_zip import read_zip

SHARED = Path(__file__).parents[3] / "shared" / "data" / "practice"


NUMBERS = np.arange(12, dtype=np.float32)
LEGACY_HEAD = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})


class Named:
    """Something that a pickle names by module and name, as if that were importable."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Call:
    """Something whose pickle is a call of a function with arguments."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


class Storage:
    """Something outside of the pickle, as torch.save points to numbers."""

    def __init__(self, kind: str, key: str) -> None:
        self.pid = ("storage", Named("torch", kind), key, "cuda:0", 12, None)


class Pickler(pickle._Pickler):
    """Writes names and storages without PyTorch; PyTorch's own protocol is 2."""

    def save(self, value: Any, save_persistent_id: bool = True) -> None:
        if isinstance(value, Named):
            self.write(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, Call):
            self.save(value.function)
            self.save(value.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(value, save_persistent_id)

    def persistent_id(self, value: Any) -> Any:
        return value.pid if isinstance(value, Storage) else None


def tensor(
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    offset: int = 0,
    kind: str = "FloatStorage",
    key: str = "0",
) -> Call:
    rebuild = Named("torch._utils", "_rebuild_tensor_v2")
    return Call(rebuild, Storage(kind, key), offset, shape, stride, False, collections.OrderedDict())


def saved(value: Any, storages: dict[str, bytes] | None = None, **files: bytes) -> bytes:
    """The bytes of a file as torch.save writes it."""
    program = io.BytesIO()
    Pickler(program, 2).dump(value)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("name/data.pkl", program.getvalue())
        for key, data in (storages or {}).items():
            archive.writestr(f"name/data/{key}", data)
        for name, data in files.items():
            archive.writestr(f"name/{name}", data)
    return buffer.getvalue()


def legacy_saved(value: Any) -> bytes:
    """The same as torch.save wrote it before version 1.6, with one storage of NUMBERS."""
    program = io.BytesIO()
    Pickler(program, 2).dump(value)
    head, keys = (b"".join(pickle.dumps(part, 2) for part in parts) for parts in (LEGACY_HEAD, (["0"],)))
    return head + program.getvalue() + keys + struct.pack("<q", len(NUMBERS)) + NUMBERS.tobytes()


def load(data: bytes, folder: Path) -> dict[str, Any]:
    path = folder / "weights.pth"
    path.write_bytes(data)
    return load_torch(path)


@pytest.mark.parametrize(
    ("shape", "stride", "offset"),
    [
        ((3, 4), (4, 1), 0),
        ((4, 3), (1, 4), 0),
        ((2, 2), (6, 2), 1),
        ((), (), 7),
        ((0, 5), (5, 1), 0),
        ((2, 3), (0, 1), 4),
    ],
)
def test_tensors_are_windows_on_their_storage(
    shape: tuple[int, ...], stride: tuple[int, ...], offset: int, tmp_path: Path
) -> None:
    read = load(saved({"x": tensor(shape, stride, offset)}, {"0": NUMBERS.tobytes()}), tmp_path)["x"]
    bytewise = tuple(4 * step for step in stride)
    np.testing.assert_array_equal(read, np.lib.stride_tricks.as_strided(NUMBERS[offset:], shape, bytewise))
    assert read.flags.c_contiguous
    assert read.flags.writeable


@pytest.mark.parametrize(
    ("shape", "stride", "offset", "key"),
    [
        ((13,), (1,), 0, "0"),
        ((12,), (1,), 1, "0"),
        ((2, 2), (1, 11), 0, "0"),
        ((1,), (1,), 0, "1"),
        ((1 << 30,), (0,), 0, "0"),
        ((1 << 39, 0), (1 << 40, 1), 0, "0"),
    ],
)
def test_tensors_beyond_their_storage_are_refused(
    shape: tuple[int, ...], stride: tuple[int, ...], offset: int, key: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="beyond the numbers stored"):
        load(saved({"x": tensor(shape, stride, offset, key=key)}, {"0": NUMBERS.tobytes()}), tmp_path)


@pytest.mark.parametrize(("shape", "stride"), [((-3,), (1,)), ((3,), (-1,)), ((3, 4), (1,)), (("a",), (1,)), (3, 1)])
def test_shapes_that_are_none_are_refused(shape: Any, stride: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="damaged"):
        load(saved({"x": tensor(shape, stride)}, {"0": NUMBERS.tobytes()}), tmp_path)


def test_bfloat16_becomes_float32_exactly(tmp_path: Path) -> None:
    exact = np.array([1.0, -2.5, 3e38, 0.0078125], np.float32)
    upper = np.frombuffer(exact.tobytes(), "<u2")[1::2]
    read = load(saved({"x": tensor((4,), (1,), kind="BFloat16Storage")}, {"0": upper.tobytes()}), tmp_path)["x"]
    np.testing.assert_allclose(read, exact, rtol=2**-8)
    assert read.dtype == np.float32


CALLS = [
    Call(Named("os", "system"), "touch {marker}"),
    Call(Named("builtins", "eval"), "open({marker!r}, 'w')"),
    Call(Named("subprocess", "Popen"), ["touch", "{marker}"]),
    Call(Named("torch.hub", "load"), "somebody/something"),
    Call(Named("functools", "partial"), Named("os", "system"), "touch {marker}"),
    Call(Call(Named("builtins", "getattr"), Named("os", "x"), "system"), "touch {marker}"),
    Call(Named("torch._tensor", "_rebuild_from_type_v2"), Named("os", "system"), 1, ("touch {marker}",), 1),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: getattr(call.function, "name", "nested"))
@pytest.mark.parametrize("legacy", [False, True])
def test_every_call_of_a_function_is_refused_by_name(call: Call, legacy: bool, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    call = Call(
        call.function, *(a.replace("{marker}", str(marker)) if isinstance(a, str) else a for a in call.arguments)
    )
    data = legacy_saved({"x": call}) if legacy else saved({"x": call})
    with pytest.raises(UnsafeFileError, match=r"system|eval|Popen|load|partial|getattr") as caught:
        load(data, tmp_path)
    assert "could run any code" in str(caught.value)
    assert not marker.exists()


def test_the_old_format_is_read_and_its_ends_are_checked(tmp_path: Path) -> None:
    data = legacy_saved({"x": tensor((3, 4), (4, 1))})
    np.testing.assert_array_equal(load(data, tmp_path)["x"], NUMBERS.reshape(3, 4))
    for cut in (4, 50, 60):
        with pytest.raises(DataError, match="damaged or was cut short"):
            load(data[:-cut], tmp_path)
    with pytest.raises(UnsupportedError, match="Version 1002 of PyTorch's old file format"):
        load(data.replace(struct.pack("<BH", 0x4D, 1001), struct.pack("<BH", 0x4D, 1002)), tmp_path)


def test_objects_are_read_without_their_code(tmp_path: Path) -> None:
    """A whole module, of classes that do not exist here."""

    class Module:
        def __init__(self, kind: str, **state: Any) -> None:
            self.kind, self.state = kind, state

        def __reduce__(self) -> Any:
            raise AssertionError

    class ModulePickler(Pickler):
        def save(self, value: Any, save_persistent_id: bool = True) -> None:
            if isinstance(value, Module):
                self.write(f"c__main__\n{value.kind}\n".encode() + pickle.EMPTY_TUPLE + pickle.NEWOBJ)
                self.save(value.state)
                self.write(pickle.BUILD)
            else:
                super().save(value, save_persistent_id)

    x = tensor((2,), (1,))
    norm = Module(
        "BatchNorm2d",
        _parameters={"weight": x, "bias": None},
        _buffers={"mean": x, "cache": x},
        _non_persistent_buffers_set={"cache"},
        _modules={},
    )
    net = Module("Tudui", training=True, _parameters={}, _buffers={}, _modules={"0": norm, "none": None, "1": norm})
    program = io.BytesIO()
    ModulePickler(program, 2).dump({"epoch": 3, "state_dict": net, "best": x})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("name/data.pkl", program.getvalue())
        archive.writestr("name/data/0", NUMBERS.tobytes())
    assert list(load(buffer.getvalue(), tmp_path)) == ["0.weight", "0.mean", "1.weight", "1.mean"]


def test_modules_that_contain_themselves_come_to_an_end(tmp_path: Path) -> None:
    # An object, put into the memo, whose _modules name the object itself.
    program = b"\x80\x02c__main__\nNet\n)\x81q\x00}X\x08\x00\x00\x00_modules}X\x01\x00\x00\x00ah\x00ssb."
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("name/data.pkl", program)
    with pytest.raises(DataError, match="modules without end"):
        load(buffer.getvalue(), tmp_path)


def test_files_without_weights_are_told_with_what_they_hold(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no weights") as caught:
        load(saved({"epoch": 3, "optimizer": {}}), tmp_path)
    assert "epoch, optimizer" in str(caught.value)
    assert "save the weights alone, model.state_dict()" in str(caught.value)


def test_programs_and_foreign_machines_are_refused(tmp_path: Path) -> None:
    value = {"x": tensor((2,), (1,))}
    with pytest.raises(UnsupportedError, match="TorchScript"):
        load(saved(value, **{"constants.pkl": b""}), tmp_path)
    with pytest.raises(UnsupportedError, match="big-endian"):
        load(saved(value, byteorder=b"big"), tmp_path)
    with pytest.raises(UnsupportedError, match="QInt8Storage"):
        load(saved({"x": tensor((2,), (1,), kind="QInt8Storage")}), tmp_path)


def test_compressed_entries_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("name/data.pkl", b"\0" * 10**6)
    with pytest.raises(DataError, match=r"data\.pkl is compressed"):
        read_zip(buffer.getvalue())


def test_other_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        load_torch(tmp_path / "missing.pth")
    with pytest.raises(DataError, match=r"was not written by torch\.save"):
        load(b"hello", tmp_path)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", b"")
    with pytest.raises(DataError, match=r"no data\.pkl"):
        load(buffer.getvalue(), tmp_path)


@settings(deadline=None)
@given(st.data(), st.booleans())
def test_any_damage_gives_weights_or_an_error_of_knoll(data: st.DataObject, legacy: bool) -> None:
    value = {"x": tensor((3, 4), (4, 1))}
    whole = bytearray(legacy_saved(value) if legacy else saved(value, {"0": NUMBERS.tobytes()}))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(4, len(whole)))])
    with contextlib.suppress(KnollError):
        weights_of(read_legacy(cut) if legacy else read_zip(cut))


def torch_files(value: Any, folder: Path) -> list[Path]:
    """The same value in both formats of torch.save."""
    torch = pytest.importorskip("torch")
    paths = [folder / "new.pth", folder / "legacy.pth"]
    for path, new in zip(paths, (True, False), strict=True):
        torch.save(value, path, _use_new_zipfile_serialization=new)
    return paths


def test_state_dicts_of_pytorch_come_back(torch: Any, tmp_path: Path) -> None:
    kinds = "float64 float32 float16 int64 int32 int16 int8 uint8 bool complex64"
    state = {kind: torch.arange(24).reshape(2, 3, 4).to(getattr(torch, kind)) for kind in kinds.split()}
    state["strided"] = torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)
    state["last"] = torch.rand(2, 3, 4, 5).to(memory_format=torch.channels_last)
    state["part"] = torch.arange(24.0)[5:20:3]
    state["scalar"] = torch.tensor(7)
    state["empty"] = torch.zeros(0, 3)
    state["bfloat16"] = torch.rand(5).to(torch.bfloat16)
    state["parameter"] = torch.nn.Parameter(torch.rand(2, 2))
    for path in torch_files(state, tmp_path):
        read = load_torch(path)
        assert list(read) == list(state)
        for name, theirs in state.items():
            expected = theirs.detach().float() if theirs.dtype == torch.bfloat16 else theirs.detach()
            np.testing.assert_array_equal(read[name], expected.numpy())
            assert read[name].dtype == expected.numpy().dtype


def test_whole_modules_and_checkpoints_of_pytorch_give_their_state_dict(torch: Any, tmp_path: Path) -> None:
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4), torch.nn.Sequential(torch.nn.Linear(4, 2))
    )
    net.register_buffer("hidden", torch.zeros(1), persistent=False)
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    checkpoints = [
        net,
        {"epoch": 1, "model": net.state_dict(), "optimizer": optimizer.state_dict(), "best": torch.ones(1)},
    ]
    for checkpoint in checkpoints:
        for path in torch_files(checkpoint, tmp_path):
            read = load_torch(path)
            assert list(read) == list(net.state_dict())
            for name, theirs in net.state_dict().items():
                np.testing.assert_array_equal(read[name], theirs.numpy())


def test_tied_weights_and_attributes_of_pytorch_come_back(torch: Any, tmp_path: Path) -> None:
    parameter = torch.nn.Parameter(torch.rand(3))
    parameter.note = "attached"
    for path in torch_files(
        {"a": parameter, "b": parameter, "unsigned": torch.tensor([1, 2]).to(torch.uint16)}, tmp_path
    ):
        read = load_torch(path)
        np.testing.assert_array_equal(read["a"], parameter.detach().numpy())
        np.testing.assert_array_equal(read["b"], read["a"])
        assert read["unsigned"].tolist() == [1, 2]


@pytest.mark.parametrize("name", ["xiaotudui_29_gpu.pth", "hellodz_25.pth"])
def test_weights_trained_by_others_come_back(name: str) -> None:
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not here")
    weights = load_torch(SHARED / name)
    assert {key: value.shape for key, value in weights.items() if key.endswith("weight")} == {
        "model.0.weight": (32, 3, 5, 5),
        "model.2.weight": (32, 32, 5, 5),
        "model.4.weight": (64, 32, 5, 5),
        "model.7.weight": (64, 1024),
        "model.8.weight": (10, 64),
    }
    assert all(np.isfinite(value).all() and value.std() > 0 for value in weights.values())
