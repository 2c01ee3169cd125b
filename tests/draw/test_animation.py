"""Animations: frames equal scenes, they move without JavaScript, they are small, and wrong ones are told."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from knoll.draw import Animation, Edges, Frame, Scene, Window, beside, number_grid
from knoll.draw.palette import Theme
from knoll.draw.raster import pixels, rasterised
from knoll.draw.repaint import painted
from knoll.errors import ArgumentError, MissingFileError
from knoll.graph import Array
from knoll.messages import sentence


def convolution(size: int) -> Animation:
    """A 3×3 window over a padded image."""
    x = np.pad(np.arange(size * size).reshape(size, size) % 10, 1)
    y = x[:-2, :-2] - x[2:, 2:]
    edges, frames = Edges(1, 1, 1, 1), []
    for at in np.ndindex(size, size):
        window = Window(tuple(range(at[0], at[0] + 3)), tuple(range(at[1], at[1] + 3)))
        left = number_grid(x, title="x", role="input", padding=edges, windows=[window])
        shown = np.arange(y.size).reshape(y.shape) <= at[0] * size + at[1]
        right = number_grid(y, title="y", role="output", shown=shown, name="output", marks={at: "winner"})
        frames.append(Frame(beside(left, right).with_margin(), f"row {at[0]}, column {at[1]}", at))
    return Animation(tuple(frames), title="a window")


def shown_in(svg: str, frame: int) -> str:
    """What an SVG that moves shows in one frame, without the marks of moving."""

    def keep(match: re.Match[str]) -> str:
        stretches = [[int(end) for end in stretch.split("-")] for stretch in match[1].split()]
        return match[2] if any(ends[0] <= frame <= ends[-1] for ends in stretches) else ""

    within = r"(?:(?!</?g\b).|<g\b(?:(?!</g>).)*</g>)*"  # a group of texts may stand in the group of a frame
    return re.sub(rf'<g data-on="([^"]*)"[^>]*>({within})</g>', keep, svg)


def pixels_of(png: bytes) -> Array:
    with Image.open(BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def looks_alike(first: Array, second: Array) -> bool:
    """A grid line between two cells, painted once or twice, may have another shade of grey, and nothing else may."""
    return int(np.abs(first - second).max()) < 16


def test_frames_equal_scenes() -> None:
    animation = convolution(3)
    moving = animation.svg("light")
    for number, scene in enumerate(animation.scenes()):
        frame = pixels_of(rasterised(shown_in(moving, number), scene.size, 1))
        assert looks_alike(frame, pixels_of(scene.png(1)))
        other = animation.scenes()[number - 1]
        assert not looks_alike(frame, pixels_of(other.png(1)))


def test_a_window_over_seven_by_seven_is_small() -> None:
    animation = convolution(7)
    assert len(animation.svg()) < 300_000
    assert animation.svg() == convolution(7).svg()


def test_it_moves_without_javascript_unless_the_reader_prefers_no_motion() -> None:
    svg = convolution(2).svg()
    assert "<script" not in svg
    assert "@media(prefers-reduced-motion:no-preference)" in svg
    name = re.findall(r'class="(k\w+)"', svg)[0]
    assert set(re.findall(r"@keyframes (\w+)-", svg)) == {name}


@pytest.mark.parametrize("theme", ["auto", "light"])
def test_programs_without_motion_and_variables_show_the_first_frame_in_light_colours(theme: Theme) -> None:
    animation = convolution(2)
    first = animation.scenes()[0]
    assert looks_alike(pixels_of(rasterised(animation.svg(theme), first.size, 1)), pixels_of(first.png(1)))


@pytest.mark.parametrize("scale", [1, 1.5, 0.7])
def test_what_is_painted_again_is_what_has_changed(scale: float) -> None:
    """A shape that is cut at the edge of a region may have single pixels of another shade there."""
    scenes = convolution(3).scenes()
    for image, scene in zip(painted(scenes, scale, "light", "en"), scenes, strict=True):
        whole = np.asarray(pixels(scene.svg("light", "en"), scene.size, scale)).astype(int)
        apart = np.abs(np.asarray(image) - whole).max(axis=-1)
        assert np.count_nonzero(apart) < apart.size / 1000
        assert apart.max() < 40


def test_frames_that_have_nothing_in_common_are_painted_whole() -> None:
    orders = [number_grid([[1, 2]]), number_grid([[2, 1]]), Scene(1, 1), number_grid([[1, 2]])]
    scenes = Animation(tuple(Frame(scene) for scene in orders)).scenes()
    first, _, empty, last = (np.asarray(image) for image in painted(scenes, 1, "light", "en"))
    np.testing.assert_array_equal(first, last)
    assert (empty == 255).all()


def test_one_frame_stands_still() -> None:
    assert "@keyframes" not in Animation((Frame(number_grid([[1]])),)).svg()


def test_the_player_knows_which_frame_shows_which_cell() -> None:
    html = convolution(2).html(language="zh")
    cells = re.findall(r'data-cells="([^"]*)"', html)[0].replace("&quot;", '"')
    assert json.loads(cells) == {"output 0,0": 0, "output 0,1": 1, "output 1,0": 2, "output 1,1": 3}
    assert html.count("<script>") == 1
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
    assert 'aria-label="播放"' in html
    assert 'lang="zh-CN"' in html
    assert 'role="group" aria-label="a window"' in html


def test_captions_are_escaped_and_wrapped() -> None:
    animation = Animation((Frame(number_grid([[1]]), "<b>&" + " long" * 40),))
    assert "&lt;b&gt;&amp; long" in animation.svg()
    assert "&lt;b&gt;&amp; long" in animation.html()
    assert animation.scenes()[0].width == 440
    assert animation.scenes()[0].height > number_grid([[1]]).height + 60


def test_frames_of_different_sizes_and_captions_in_both_languages() -> None:
    caption = sentence("draw.mean", mean="3")
    animation = Animation((Frame(number_grid([[1]]), caption), Frame(number_grid(np.ones((4, 9)), title="larger"))))
    sizes = {scene.size for scene in animation.scenes()}
    assert len(sizes) == 1
    assert min(sizes) >= number_grid(np.ones((4, 9)), title="larger").size
    for language, words in (("en", "mean 3"), ("zh", "均值 3")):
        assert words in animation.html(language=language)
        assert words in animation.svg(language=language)


@pytest.mark.parametrize("suffix", [".gif", ".png", ".apng", ".webp"])
def test_files_of_pixels_have_the_frames(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"window{suffix}"
    convolution(2).save(path)
    with Image.open(path) as image:
        assert image.n_frames == 4
        assert image.info.get("loop") == 0


def test_vector_files(tmp_path: Path) -> None:
    animation = convolution(2)
    animation.save(tmp_path / "a.svg")
    animation.save(tmp_path / "a.HTML", language="zh")
    assert (tmp_path / "a.svg").read_text("utf-8") == animation.svg()
    assert (tmp_path / "a.HTML").read_text("utf-8").startswith('<!DOCTYPE html><html lang="zh-CN">')


def test_a_scene_is_saved_by_its_suffix(tmp_path: Path) -> None:
    scene = number_grid([[1, 2]])
    scene.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (round(scene.width * 2), round(scene.height * 2))
    assert Image.open(BytesIO(scene.png(1, "dark"))).convert("RGB").getpixel((0, 0)) == (0x14, 0x18, 0x1D)


@pytest.mark.parametrize("name", ["a.mp4", "a", "a.svg.gz"])
def test_unknown_suffixes_are_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match=r"expected: a path that ends in \.svg \.html \.gif"):
        convolution(1).save(tmp_path / name)
    with pytest.raises(ArgumentError, match=r"expected: a path that ends in \.svg \.png"):
        Scene(1, 1).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="cannot be written"):
        Scene(1, 1).save(tmp_path / "none/a.svg")


def test_animations_that_cannot_be_shown_are_refused() -> None:
    with pytest.raises(ArgumentError, match="at least one frame"):
        Animation(())
    with pytest.raises(ArgumentError, match="more than no time"):
        Animation((Frame(Scene(1, 1)),), seconds=0)
