"""Names that programs written for PyTorch use beside layers: they are there, and what is not says what to write."""

from __future__ import annotations

import inspect
import multiprocessing
import operator
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import UnsupportedError
from knoll.language import set_language
from knoll.nn import functional as F
from knoll.tensor import functions_in_place

TYPES = ["Float", "Double", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool"]


@pytest.mark.parametrize("kind", TYPES)
def test_tensors_of_a_type(torch: Any, kind: str) -> None:
    ours, theirs = getattr(knoll, f"{kind}Tensor"), getattr(torch, f"{kind}Tensor")
    for data in (([1, 0, 2],), (2, 3), ()):
        mine, other = ours(*data), theirs(*data)
        assert tuple(mine.shape) == tuple(other.shape)
        assert str(other.dtype) == f"torch.{mine.dtype}"
        assert isinstance(mine, ours)
        assert type(mine) is knoll.Tensor
        assert mine.type() == other.type().replace("torch", "knoll")
    assert ours([1, 0, 2]).tolist() == theirs([1, 0, 2]).tolist()
    given = knoll.tensor([1.0, 0.0])
    for form in (ours, f"torch.{kind}Tensor", f"knoll.{kind}Tensor"):
        assert given.type(form).type() == f"knoll.{kind}Tensor"
    assert given.to(ours.dtype).type(knoll.Tensor).dtype == knoll.float32
    assert torch.ones(2).type(theirs).type(torch.Tensor).dtype == torch.float32
    assert isinstance(given, ours) == (kind == "Float")
    large = np.array([2**53 + 1], np.int64)
    assert knoll.LongTensor(large).tolist() == [2**53 + 1]


def test_numbers_and_types_by_name(torch: Any) -> None:
    for name in ("pi", "e", "inf", "newaxis"):
        assert getattr(knoll, name) == getattr(torch, name)
    assert knoll.nan != knoll.nan
    assert isinstance(knoll.float32, knoll.dtype)
    assert not isinstance("float32", knoll.dtype)
    assert knoll.zeros(2, dtype=knoll.short)[:, knoll.newaxis].dtype == knoll.int16
    assert not knoll.is_autocast_enabled()
    assert isinstance(knoll.optim.swa_utils, ModuleType)
    assert set(import_module("knoll.jit.annotations").__all__) <= set(vars(torch.jit.annotations))


def test_a_variable_is_a_tensor() -> None:
    x = knoll.ones(2)
    assert knoll.autograd.Variable(x) is x
    y = knoll.autograd.Variable(x, requires_grad=True)
    assert (y.requires_grad, x.requires_grad, y.data_ptr() == x.data_ptr()) == (True, False, True)


@pytest.mark.parametrize("name", ["channels_last", "contiguous_format", "preserve_format"])
def test_memory_formats_are_taken(name: str) -> None:
    form, x = getattr(knoll, name), knoll.rand(1, 2, 3, 4)
    assert repr(form) == f"knoll.{name}"
    assert x.to(memory_format=form) is x
    assert x.to("cpu", knoll.float64, memory_format=form).dtype == knoll.float64
    assert x.contiguous(memory_format=form) is x
    assert bool((x.clone(memory_format=form) == x).all())
    net = nn.Conv2d(2, 2, 1)
    assert net.to(memory_format=form) is net


def test_what_programs_ask_of_the_machine() -> None:
    assert knoll.backends.cudnn.benchmark is False
    knoll.backends.cudnn.benchmark = True
    assert knoll.backends.cudnn.benchmark
    assert not knoll.backends.cudnn.deterministic
    knoll.backends.cudnn.benchmark = False
    assert not knoll.backends.mps.is_available()
    assert not knoll.backends.cuda.matmul.allow_tf32
    assert not knoll.accelerator.is_available()
    assert knoll.accelerator.current_accelerator() is None
    x = knoll.zeros(2)
    assert x.pin_memory() is x
    knoll.cuda.manual_seed_all(0)
    knoll.cuda.empty_cache()


@pytest.mark.parametrize("owner", ["backends.cudnn", "backends.cuda", "backends.mps", "backends.mkldnn", "cuda.amp",
    "amp", "distributed", "fx", "multiprocessing", "version"])  # fmt: skip
def test_modules_are_imported_by_their_own_names(torch: Any, owner: str) -> None:
    ours, theirs = import_module(f"knoll.{owner}"), import_module(f"torch.{owner}")
    assert operator.attrgetter(owner)(knoll) is ours
    for name, thing in vars(ours).items():
        if getattr(thing, "__module__", "") == ours.__name__ and name[1:] and name[0] != "_":
            assert hasattr(theirs, name) or name in ("Products", "SHARING"), name
            if inspect.isfunction(thing) and inspect.isfunction(getattr(theirs, name, None)):
                own, their = (
                    [
                        p
                        for p in inspect.signature(f).parameters.values()
                        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
                    ]
                    for f in (thing, getattr(theirs, name))
                )
                assert [p.name for p in own] == [p.name for p in their][: len(own)]


def test_samplers_and_what_a_graphics_card_raises_are_found_where_programs_look_for_them() -> None:
    for file, name in (("dataset", "Dataset"), ("dataset", "random_split"), ("dataloader", "DataLoader")):
        assert getattr(import_module(f"knoll.utils.data.{file}"), name) is getattr(knoll.data, name)
    sampler = import_module("knoll.utils.data.sampler")
    assert knoll.utils.data.sampler is sampler
    assert all(getattr(sampler, name) is getattr(knoll.data, name) for name in sampler.__all__)
    assert issubclass(knoll.cuda.OutOfMemoryError, RuntimeError)


def test_mixed_precision_changes_nothing() -> None:
    x = knoll.ones(2, requires_grad=True)
    optimizer = knoll.optim.SGD([x], lr=1.0)
    for module, scaler in ((knoll.amp, knoll.amp.GradScaler("cuda")), (knoll.cuda.amp, knoll.cuda.amp.GradScaler())):
        made = module.autocast("cpu") if module is knoll.amp else module.autocast(enabled=True)
        with made, knoll.autocast("cpu", enabled=False):
            loss = (x * x).sum()
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        before = x.detach().clone()
        assert scaler.step(optimizer) is None
        scaler.update()
        assert x.tolist() == (before - 2 * before).tolist()
        scaler.load_state_dict(scaler.state_dict())
        assert made(len) is len
        assert module.custom_fwd(len) is module.custom_bwd(len) is len
    assert knoll.amp.custom_fwd(device_type="cpu", cast_inputs=knoll.float32)(len) is len


def test_one_process_is_all_there_is() -> None:
    distributed = knoll.distributed
    assert not distributed.is_available()
    assert not distributed.is_initialized()
    assert (distributed.get_rank(), distributed.get_world_size()) == (0, 1)
    with pytest.raises(UnsupportedError, match="one process uses all cores"):
        distributed.init_process_group("gloo", rank=0, world_size=2)
    assert not knoll.onnx.is_in_onnx_export()
    with pytest.raises(UnsupportedError, match="load_file"):
        knoll.onnx.export(nn.ReLU(), knoll.ones(1), "net.onnx")
    processes = import_module("knoll.multiprocessing")
    processes.set_sharing_strategy("file_system")
    assert processes.Process is multiprocessing.Process


def test_initialisations_have_their_old_names_too(torch: Any) -> None:
    for name in nn.init._OLD_NAMES:
        assert hasattr(torch.nn.init, name)
        with pytest.warns(FutureWarning, match=f"in favor of `nn.init.{name}_`"):
            w = getattr(nn.init, name)(
                knoll.zeros(2, 2, *((1,) if name == "dirac" else ())),
                *([0.5] if name in ("constant", "sparse") else []),
            )
        assert w.shape[:2] == (2, 2)
    with pytest.raises(AttributeError, match="try: kaiming_normal_"):
        getattr(nn.init, "KaimingNormal_")  # noqa: B009 (type checkers know that it is not there)


def test_types_and_their_limits() -> None:
    assert knoll.get_default_dtype() == knoll.float32
    knoll.set_default_dtype(knoll.float32)
    with pytest.raises(UnsupportedError, match="are float32 here"):
        knoll.set_default_dtype(knoll.float64)
    assert knoll.finfo(knoll.float16).max == 65504
    assert knoll.finfo(knoll.float32).eps == np.finfo(np.float32).eps
    assert knoll.iinfo(knoll.int8).max == 127
    assert knoll.is_floating_point(knoll.zeros(1))
    assert knoll.numel(knoll.zeros(2, 3)) == 6
    assert isinstance(knoll.zeros(2, 3).size(), knoll.Size)


def test_decorators_of_torchscript_change_nothing() -> None:
    jit, function = knoll.jit, len
    assert jit.script(function) is jit.unused(function) is jit.export(function) is jit.ignore(function) is function
    assert jit.ignore(drop=True)(function) is function
    assert not jit.is_scripting()
    for name in ("save", "load"):
        with pytest.raises(UnsupportedError, match=r"knoll\.compile"):
            getattr(jit, name)(function)


@pytest.mark.parametrize(("owner", "name", "advice"), [
    (nn, "Conv2D", "try: Conv2d"), (nn, "CrossMapLRN3d", "none for volumes"),
    (F, "conv3d", "none for volumes"), (F, "max_pool_2d", "try: max_pool2d"), (knoll, "sparse_coo_tensor", "dense"),
    (knoll, "DistributedSampler", "one process uses all cores"), (knoll, "quantization", "float32 or float16"),
    (knoll, "float8_e5m2", "float32, which"), (knoll, "Permute", "try: permute"),
    (knoll.cuda, "FloatTensor", "try: knoll.FloatTensor:"), (knoll.cuda, "device_counts", "try: device_count"),
    (nn, "DataParallel", "one process uses all cores"), (nn.parallel, "data_parallel", "one process uses all cores"),
    (knoll.utils.data.distributed, "DistributedSampler", "one process uses all cores"),
])  # fmt: skip
def test_a_missing_name_says_what_to_write(owner: Any, name: str, advice: str) -> None:
    assert not hasattr(owner, name)
    with pytest.raises(AttributeError) as caught:
        getattr(owner, name)
    assert str(caught.value).startswith(f"module '{owner.__name__}' has no attribute '{name}'\n")
    assert advice in str(caught.value)


def test_a_name_that_is_like_no_other_is_only_missing() -> None:
    for owner in (nn, F, knoll):
        for name in ("quite_another_thing", "__path_of_nothing__"):
            with pytest.raises(AttributeError, match=rf"^module '{owner.__name__}' has no attribute '{name}'$"):
                getattr(owner, name)


def test_chinese_is_spoken() -> None:
    set_language("zh")
    try:
        with pytest.raises(UnsupportedError, match="没有循环层"):
            nn.GRU(3, 4)
    finally:
        set_language(None)


@pytest.mark.parametrize(("name", "sentence"), [("LSTM", "no recurrent layers"), ("BatchNorm3d", "none for volumes")])
def test_layers_that_are_not_there_can_be_named_and_not_made(name: str, sentence: str) -> None:
    layer: Any = getattr(nn, name)
    assert issubclass(layer, nn.Module)
    assert not isinstance(nn.BatchNorm2d(3), layer)
    with pytest.raises(UnsupportedError, match=f"(?s)nn.{name} is not there.*{sentence}"):
        layer(3)


def test_every_distribution_of_pytorch_can_be_named(torch: Any) -> None:
    theirs = torch.distributions
    named = [name for name in theirs.__all__ if isinstance(getattr(theirs, name), type)]
    named = [name for name in named if issubclass(getattr(theirs, name), theirs.Distribution)]
    assert [name for name in named if not hasattr(knoll.distributions, name)] == []


@pytest.mark.parametrize(
    ("file", "name", "holder"),
    [
        ("knoll.vision.transforms.transforms", "RandomCrop", "knoll.vision.transforms"),
        ("knoll.vision.datasets.cifar", "CIFAR10", "knoll.vision.datasets"),
        ("knoll.autograd.variable", "Variable", "knoll.autograd"),
        ("knoll.nn.utils.clip_grad", "clip_grad_norm_", "knoll.nn.utils"),
    ],
)
def test_names_stand_in_the_files_of_pytorch_too(file: str, name: str, holder: str) -> None:
    assert getattr(import_module(file), name) is getattr(import_module(holder), name)


def test_the_choice_of_an_attention_changes_nothing(torch: Any) -> None:
    attention = import_module("knoll.nn.attention")
    theirs = torch.nn.attention.SDPBackend.__members__
    assert {name: int(each) for name, each in attention.SDPBackend.__members__.items()} == {
        name: each.value for name, each in theirs.items()
    }
    x = knoll.ones(1, 2, 3, 4)
    with attention.sdpa_kernel([attention.SDPBackend.MATH], set_priority=True):
        y = F.scaled_dot_product_attention(x, x, x)
    assert knoll.equal(y, F.scaled_dot_product_attention(x, x, x))


def test_hooks_and_sequences_are_asked_for_by_their_classes() -> None:
    handle = nn.ReLU().register_forward_hook(lambda *_: None)
    assert isinstance(handle, import_module("knoll.utils.hooks").RemovableHandle)
    packed = nn.utils.rnn.PackedSequence
    assert not isinstance(knoll.ones(1), packed)
    with pytest.raises(UnsupportedError, match=r"(?s)PackedSequence is not there.*no recurrent layers"):
        packed(knoll.ones(1))


def test_assertions_that_a_tracer_would_see() -> None:
    knoll._assert(True, "")
    with pytest.raises(AssertionError, match=r"^wrong size$"):
        knoll._assert(False, "wrong size")


def test_functions_of_layers_stand_beside_those_of_tensors() -> None:
    """Those of which PyTorch has one under both names."""
    x, weight = knoll.arange(16.0).reshape(1, 1, 4, 4), knoll.ones(1, 1, 3, 3)
    assert knoll.equal(knoll.conv2d(x, weight, padding=1), knoll.nn.functional.conv2d(x, weight, padding=1))
    assert knoll.equal(knoll.max_pool2d(x, 2), x[:, :, 1::2, 1::2])
    assert knoll.functional.F is knoll.nn.functional
    with pytest.raises(AttributeError, match=r"(?s)no attribute 'batch_norm'.*knoll\.nn\.functional\.batch_norm"):
        knoll.batch_norm  # noqa: B018 (its arguments have another order there)


@pytest.mark.parametrize("name", functions_in_place.__all__)
def test_functions_in_place_are_the_methods(name: str) -> None:
    assert getattr(knoll, name) is getattr(knoll.Tensor, name)


def test_functions_in_place_are_pytorchs(torch: Any) -> None:
    assert [name for name in functions_in_place.__all__ if not hasattr(torch, name)] == []
    known = {name for name in dir(torch) if name.endswith("_") and hasattr(knoll.Tensor, name)}
    assert {name for name in known if not hasattr(knoll, name)} == set()


@pytest.mark.parametrize(
    "name", ["sigmoid_", "tanh_", "sqrt_", "exp_", "reciprocal_", "erf_", "log1p_", "neg_", "square_"]
)
def test_functions_in_place_give_pytorchs_numbers(torch: Any, name: str) -> None:
    numbers = np.linspace(0.1, 0.9, 4, dtype=np.float32)
    x, theirs = knoll.tensor(numbers), torch.tensor(numbers)
    assert getattr(knoll, name)(x) is x
    getattr(torch, name)(theirs)
    np.testing.assert_allclose(x.numpy(), theirs.numpy(), rtol=1e-6)


def test_a_function_in_place_changes_what_is_recorded() -> None:
    x = knoll.tensor([0.5, -1.0], requires_grad=True)
    knoll.sigmoid_(x * 2).sum().backward()
    slope = 1 / (1 + np.exp(-2 * x.numpy(force=True)))
    np.testing.assert_allclose(x.grad.numpy(), 2 * slope * (1 - slope), rtol=1e-6)


def test_special_functions_have_second_names() -> None:
    x = knoll.tensor([0.3, 2.6])
    assert knoll.equal(knoll.special.expit(x), knoll.sigmoid(x))
    assert knoll.special.round(x).tolist() == [0.0, 3.0]


def test_no_number_is_complex() -> None:
    assert not knoll.is_complex(knoll.ones(1))
    assert not knoll.ones(1).is_complex()


def test_states_of_graphics_cards_are_empty() -> None:
    assert not knoll.cuda._initialized
    states = knoll.utils.checkpoint.get_device_states(knoll.ones(1))
    assert states == ([], [])
    knoll.utils.checkpoint.set_device_states(*states)


def test_decorators_and_wishes_of_pytorchs_compiler_change_nothing() -> None:
    layer = nn.ReLU()
    assert knoll.jit.freeze(layer) is knoll.jit.optimize_for_inference(layer) is layer
    assert knoll.jit.interface(nn.ReLU) is nn.ReLU


def test_bfloat16_can_be_named_and_no_tensor_has_it() -> None:
    """Programs give it to autocast, compare with it, and hold it as a default."""
    layer, x = knoll.nn.Linear(2, 2), knoll.ones(2)
    with knoll.autocast("cpu", dtype=knoll.bfloat16):
        assert layer(x).dtype == knoll.float32 != knoll.bfloat16
    assert repr(knoll.bfloat16) == "bfloat16"
    for call in (
        lambda: knoll.zeros(2, dtype=knoll.bfloat16),
        lambda: x.to(knoll.bfloat16),
        lambda: x.to(dtype=knoll.bfloat16),
        lambda: x.type(knoll.bfloat16),
        lambda: layer.to(knoll.bfloat16),
        lambda: knoll.tensor([1.0], dtype=knoll.bfloat16),
    ):
        with pytest.raises(UnsupportedError, match=r"No tensor has the type bfloat16(?s:.)*float32, which"):
            call()
