"""A law over all data sets and all that a user may override: a batch is `collate` of the samples `dataset[i]`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.data import ConcatDataset, DataLoader, Dataset, Draws, Subset, TensorDataset, collate, drawing, fast_path
from knoll.vision.datasets import CIFAR10, ArrayImages, Digits, ImageFolder, MaskedImages
from knoll.vision.transforms import CenterCrop, Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToTensor

SEED, N = 5, 12
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (N, 3, 10, 9), dtype=np.uint8)


def steps() -> Compose:
    return Compose([RandomCrop(8, padding=1), RandomHorizontalFlip(), ToTensor(), Normalize([0.5] * 3, [0.25] * 3)])


def array_images(kind: type[Any] = ArrayImages) -> Any:
    data = kind.__new__(kind)
    ArrayImages.__init__(data, IMAGES.copy(), np.arange(N) % 4, steps(), None)
    data.classes = ["a", "b", "c", "d"]
    return data


def digits(kind: type[Any] = Digits) -> Any:
    return kind(train=False, transform=steps())


def tensors(kind: type[Any] = TensorDataset) -> Any:
    return kind(knoll.randn(N, 3, 4), knoll.arange(N))


def subset(kind: type[Any] = Subset) -> Any:
    return kind(tensors(), [3, 1, -1, 7, 7])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("images")
    for name, part in (("pictures/a", IMAGES[:3]), ("pictures/b", IMAGES[3:6])):
        (root / name).mkdir(parents=True)
        (root / f"masks/{name[-1]}").mkdir(parents=True)
        for number, image in enumerate(part):
            Image.fromarray(image.transpose(1, 2, 0)).save(root / name / f"{number}.png")
            Image.fromarray(image[0] % 3).save(root / f"masks/{name[-1]}/{number}.png")
    return root


def sample_at(data: Any, index: int) -> Any:
    with drawing(Draws(SEED, 0, [index])):
        return data[index]


def plain(value: Any) -> Any:
    """Tensors as arrays, all the way down, so that batches can be compared."""
    if isinstance(value, knoll.Tensor):
        return value.detach().numpy()
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def obeys(data: Any, batch_size: int = 3, workers: int = 0) -> list[Any]:
    """Check the law; the batches."""
    loader = DataLoader(data, batch_size, seed=SEED, num_workers=workers)
    batches = list(loader)
    places = range(len(data))
    for number, batch in enumerate(batches):
        indices = places[number * batch_size : (number + 1) * batch_size]
        np.testing.assert_equal(plain(batch), plain(collate([sample_at(data, index) for index in indices])))
    assert len(batches) == len(loader)
    return batches


# What is made of a class; each must be seen by the loader.
def own_sample(kind: type[Any]) -> type[Any]:
    class Own(kind):
        def __getitem__(self, index: int) -> Any:
            return (*super().__getitem__(index), index)

    return Own


def own_length(kind: type[Any]) -> type[Any]:
    class Own(kind):
        def __len__(self) -> int:
            return 4

    return Own


def mixed_in(kind: type[Any]) -> type[Any]:
    class Mixin:
        def __getitem__(self, index: int) -> Any:
            return {"sample": super().__getitem__(index)[0], "index": index}

    return type("Own", (Mixin, kind), {})


def looked_up(kind: type[Any]) -> type[Any]:
    class Own(kind):
        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            if name in ("images", "tensors", "indices"):
                return type(found)(reversed(found)) if isinstance(found, list | tuple) else found[::-1]
            return found

    return Own


def unchanged(kind: type[Any]) -> type[Any]:
    return kind


CLASSES = [own_sample, own_length, mixed_in, looked_up, unchanged]


@pytest.mark.parametrize("make", [array_images, digits, tensors, subset])
@pytest.mark.parametrize("override", CLASSES)
def test_overridden_classes(make: Callable[..., Any], override: Callable[[type[Any]], type[Any]]) -> None:
    data = make(override(type(make())))
    obeys(data)
    obeys(data, batch_size=5, workers=2)


@pytest.mark.parametrize("make", [array_images, digits, tensors, subset])
@pytest.mark.parametrize("override", CLASSES)
def test_subsets_of_subsets_of_overridden_classes(make: Callable[..., Any], override: Callable[[Any], Any]) -> None:
    data = make(override(type(make())))
    obeys(Subset(Subset(data, [3, 0, 2, -1]), [2, 0, 1, -1]))
    obeys(ConcatDataset([data, Subset(data, np.array([1, 2]))]))


@pytest.mark.parametrize("make", [array_images, digits, tensors, subset])
def test_a_method_replaced_on_the_class(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    data = make()
    kind = next(kind for kind in type(data).__mro__ if "__getitem__" in vars(kind))
    before = kind.__getitem__
    monkeypatch.setattr(kind, "__getitem__", lambda self, index: (before(self, index), index))
    assert len(obeys(data)[0]) == 2
    monkeypatch.undo()
    assert fast_path(data, "gather") is not None


@pytest.mark.parametrize("make", [array_images, digits])
def test_an_image_of_ones_own(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    data = make()
    expected = obeys(data)[0][0].numpy()
    black = Image.new("RGB", (9, 10))
    monkeypatch.setattr(data, "image", lambda _: black, raising=False)  # on the instance
    assert (obeys(data)[0][0].numpy() != expected).any()
    kind = type(data)
    other = make(type("Own", (kind,), {"image": lambda *_: black}))
    assert (obeys(other)[0][0].numpy() != expected).any()
    backwards = type("Own", (kind,), {"data": property(lambda self: self.images[::-1].transpose(0, 2, 3, 1))})
    assert (obeys(make(backwards))[0][0].numpy() != expected).any()


class Tripled(Compose):
    def __call__(self, image: Any) -> Any:
        return super().__call__(image) * 3


class Shifted(Normalize):
    def __call__(self, tensor: Any) -> Any:
        return super().__call__(tensor) + 1


class Inverted(ToTensor):
    def __call__(self, image: Any) -> Any:
        return 1 - super().__call__(image)


class Twice:
    """A transform whose `apply_batch` has nothing to do with the protocol."""

    def apply_batch(self, _: Any) -> Any:
        raise AssertionError

    def __call__(self, image: Any) -> Any:
        return image * 2


TRANSFORMS: dict[str, Callable[[], Any]] = {
    "none": lambda: lambda image: np.asarray(image),
    "to tensor": ToTensor,
    "all": steps,
    "nested": lambda: Compose([Compose([CenterCrop(7)]), Compose([ToTensor(), Compose([])])]),
    "own compose": lambda: Tripled([ToTensor()]),
    "own compose inside": lambda: Compose([Tripled([ToTensor()]), Normalize([0.1], [0.2])]),
    "own step": lambda: Compose([ToTensor(), Shifted([0.5], [0.5])]),
    "own to tensor": lambda: Compose([Inverted(), Normalize([0.5], [0.5])]),
    "a function": lambda: Compose([ToTensor(), lambda x: x * 2]),
    "another apply_batch": lambda: Compose([ToTensor(), Twice()]),
}


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("make", [array_images, digits])
def test_transforms(make: Callable[..., Any], name: str) -> None:
    data = make()
    data.transform = TRANSFORMS[name]()
    obeys(data)
    obeys(Subset(data, [2, 5]), batch_size=2)


def test_a_step_replaced_on_its_class_or_changed_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    data = array_images()
    data.transform.transforms[0].padding = 3
    data.transform.transforms[0].size = (6, 6)
    assert obeys(data)[0][0].shape == (3, 3, 6, 6)
    data.transform.transforms.append(lambda x: x + 1)
    obeys(data)
    data.transform = steps()
    monkeypatch.setattr(ToTensor, "__call__", lambda *_: knoll.ones(3, 2, 2))
    assert obeys(data)[0][0].shape == (3, 3, 2, 2)


TARGETS: dict[str, Callable[[Any], Any]] = {
    "noise": lambda data: setattr(data, "targets", [(t + 1) % 4 for t in data.targets]),
    "in place": lambda data: data.targets.__setitem__(0, 9),
    "an array": lambda data: setattr(data, "targets", np.array(data.targets)),
    "floats": lambda data: setattr(data, "targets", np.array(data.targets, np.float32)),
    "a tensor": lambda data: setattr(data, "targets", knoll.tensor(data.targets)),
    "rows": lambda data: setattr(data, "targets", np.eye(4, dtype=np.float32)[np.array(data.targets) % 4]),
    "texts": lambda data: setattr(data, "targets", [str(target) for target in data.targets]),
    "shorter": lambda data: data.targets.__delitem__(slice(7, None)),
    "transformed": lambda data: setattr(data, "target_transform", lambda target: target * 10),
    "filtered": lambda data: (setattr(data, "images", data.images[::2]), setattr(data, "targets", data.targets[::2])),
    "other images": lambda data: data.images.__setitem__(0, 7),
    "data": lambda data: setattr(data, "data", data.data[:, ::-1]),
    "data in place": lambda data: data.data.__setitem__((slice(None), 0), 255),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("make", [array_images, digits])
def test_targets_and_images_changed_afterwards(make: Callable[..., Any], name: str) -> None:
    data = make()
    loader = DataLoader(data, 3, seed=SEED)  # made before the change, as a user might
    TARGETS[name](data)
    first = next(iter(loader))
    np.testing.assert_equal(plain(first), plain(obeys(data)[0]))


def test_grey_data_of_ones_own() -> None:
    data = array_images()
    data.transform = Compose([CenterCrop(8), ToTensor()])
    data.data = IMAGES[:, 0]
    assert obeys(data)[0][0].shape == (3, 1, 8, 8)
    assert data.data.shape == (N, 10, 9, 1)
    data.data = knoll.tensor(IMAGES[:4].transpose(0, 2, 3, 1))
    assert data.images.shape == (4, 3, 10, 9)
    with pytest.raises(knoll.errors.ShapeError, match="These are not images"):
        data.data = np.zeros(3)


def test_tensors_changed_or_replaced_afterwards() -> None:
    data = tensors()
    data.tensors[0][0] = 7
    assert obeys(data)[0][0][0, 0, 0].item() == 7
    data.tensors = (knoll.zeros(5, 2), knoll.ones(5), knoll.arange(5))
    assert len(obeys(data)[0]) == 3
    learned = knoll.ones(4, 2, requires_grad=True)
    (column,) = next(iter(DataLoader(TensorDataset(learned), 3)))
    column.sum().backward()
    assert learned.grad is not None
    assert learned.grad.tolist() == [[1, 1], [1, 1], [1, 1], [0, 0]]


def test_indices_of_any_kind_and_changed_afterwards() -> None:
    for indices in ([1, 2], (3, 1), range(2, 6), np.array([4, -1]), knoll.tensor([2, 0])):
        data = Subset(tensors(), indices)
        obeys(data, batch_size=2)
    data = subset()
    data.indices[0] = 5
    assert obeys(data)[0][1][0].item() == 5


@pytest.mark.parametrize("together", [None, RandomHorizontalFlip(), Compose([RandomHorizontalFlip(), CenterCrop(8)])])
def test_pictures_with_masks(folder: Path, together: Any) -> None:
    data = MaskedImages(folder / "pictures", folder / "masks", together=together)
    obeys(data)
    data.transform = Compose([ToTensor(), lambda x: x * 2])
    obeys(data)
    data.masks[0] = 1
    obeys(own_sample(MaskedImages)(folder / "pictures", folder / "masks", together=together))


def test_masks_follow_an_overridden_transform(folder: Path) -> None:
    class Never(RandomHorizontalFlip):
        def __call__(self, image: Any) -> Any:
            return image

    kept, plain_data = (
        MaskedImages(folder / "pictures", folder / "masks", together=together) for together in (Never(p=1), None)
    )
    np.testing.assert_equal(plain(obeys(kept)), plain(obeys(plain_data)))


@pytest.mark.parametrize("override", CLASSES)
def test_folders(folder: Path, override: Callable[[Any], Any]) -> None:
    obeys(override(ImageFolder)(folder / "pictures", steps()))


def test_cifar10_keeps_the_law_of_its_base() -> None:
    obeys(array_images(own_sample(CIFAR10)))
    obeys(array_images(CIFAR10))


class Rows(Dataset[Any]):
    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Any:
        return index

    def __getitems__(self, indices: list[int]) -> list[int]:
        self.calls.append(indices)
        return [10 * index for index in indices]


def values(data: Any) -> list[Any]:
    return [batch.tolist() for batch in DataLoader(data, 3)]


def test_many_samples_at_once_as_pytorch_asks_for_them(torch: Any) -> None:
    class Single(Rows):
        def __getitem__(self, index: int) -> Any:
            return -index

    data = Rows()
    assert values(data) == [[0, 10, 20], [30, 40, 50]]
    assert data.calls == [[0, 1, 2], [3, 4, 5]]
    theirs = torch.utils.data.DataLoader(torch.utils.data.Subset(Rows(), [5, 1]), 3)
    assert values(Subset(Rows(), [5, 1])) == [batch.tolist() for batch in theirs] == [[50, 10]]
    assert values(Single()) == [[0, -1, -2], [-3, -4, -5]]  # what was overridden last
    assert values(Subset(Single(), [4])) == [[-4]]


def test_a_wrapper_that_passes_attributes_on_is_asked_itself() -> None:
    class Wrapper:
        def __init__(self, data: Any) -> None:
            self.wrapped = data

        def __len__(self) -> int:
            return len(self.wrapped)

        def __getitem__(self, index: int) -> Any:
            return {"image": self.wrapped[index][0], "index": index}

        def __getattr__(self, name: str) -> Any:
            return getattr(self.wrapped, name)

    for make in (array_images, tensors, subset):
        assert obeys(Wrapper(make()))[0].keys() == {"image", "index"}
