"""Which network is looked at, and with which picture: the fields above the views of networks."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.document import Line
from knoll.lab.chosen_network import FILE, OWN, RUN, named_models
from knoll.lab.guard import MOST_BYTES, MOST_BYTES_OF
from knoll.lab.image import GivenPicture
from knoll.lab.layer_input import PICTURES, picture_named
from knoll.lab.markup import Html, change, element, plain_text, text
from knoll.lab.resources import Resources
from knoll.lab.setting import SIDES, Setting
from knoll.lab.walk import Walk
from knoll.messages import sentence

USUAL = "practice"
EXAMPLE = "Sequential(Conv2d(3, 8, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(1800, 10))"
MOST_RUNS = 30


def name_of(setting: Setting, resources: Resources) -> str:
    """The name of the network that a setting is about."""
    return setting.options.get("net") or (OWN if resources.network is not None else USUAL)


def walk_of(setting: Setting, resources: Resources) -> Walk:
    """The walk through the network of a setting. Raises what `network_named` and `walk` raise."""
    weights = setting.options.get("weights", "")
    return resources.walks.walk(
        name_of(setting, resources), picture_of(setting, resources).pixels, setting.size, weights
    )


def picture_of(setting: Setting, resources: Resources) -> GivenPicture:
    """The picture of a setting; a network is not shown with numbers that are typed. Raises EntryError."""
    return picture_named(_picture(setting), resources.images)


def _picture(setting: Setting) -> str:
    is_picture = setting.input in PICTURES or setting.input.startswith("image:")
    return setting.input if is_picture else next(iter(PICTURES))


def chooser(setting: Setting, resources: Resources) -> Html:
    """The fields in which a network is chosen or typed, and a picture is chosen or given."""
    name = name_of(setting, resources)
    is_made_for_a_size = name in named_models() or name.startswith((RUN, FILE))
    fields = (*_network(name, resources), *_weights(setting), *_input(setting, has_size=not is_made_for_a_size))
    return element("form", *fields, class_="chooser")


@dataclass(frozen=True, slots=True)
class Chooser:
    """The fields alone, where what is chosen in them cannot be shown."""

    html: Html


def choose_view(setting: Setting, resources: Resources) -> Chooser:
    """The fields of a setting whose network is not possible."""
    return Chooser(chooser(setting, resources))


def _network(name: str, resources: Resources) -> tuple[Html, ...]:
    runs = [RUN + each for each in resources.trainings.names()[:MOST_RUNS]]
    named = {each: each for each in (*named_models(), *runs)}
    own: dict[str, Line] = {OWN: sentence("lab_network.own")} if resources.network is not None else {}
    file: dict[str, Line] = {name: sentence("lab_network.from_file")} if name.startswith(FILE) else {}
    is_typed = not (name in named or name in own or name in file)
    options = [_option(value, words, name) for value, words in (*own.items(), *file.items(), *named.items())]
    if is_typed:
        options.append(_option(name, sentence("lab_network.typed"), name))
    typed = element(
        "input",
        id="net-typed",
        name="net",
        type="text",
        value=name if is_typed else "",
        placeholder=EXAMPLE,
        spellcheck="false",
        autocomplete="off",
    )
    go = element("button", text(sentence("lab_network.look")), type="submit", id="net-look")
    return (
        _labelled("network", element("select", *options, id="net", data_name="net")),
        _labelled("layers", element("span", typed, go, class_="typed"), "wide"),
    )


def _weights(setting: Setting) -> tuple[Html, ...]:
    """A field for a file of weights; where one was given, what takes it out again."""
    suffixes = ".safetensors,.pth,.pt,.bin"
    field = _file("net-weights", suffixes, "weights")
    if not setting.options.get("weights"):
        return (_labelled("weights", field),)
    words, nothing = text(sentence("lab_network.without")), change(weights="")
    without = element("button", words, type="button", id="net-without", data_set=nothing)
    taken = element("span", text(sentence("lab_network.weights_taken")), without, class_="taken")
    return (_labelled("weights", field), taken)


def _input(setting: Setting, has_size: bool) -> tuple[Html, ...]:
    chosen = _picture(setting)
    named: dict[str, Line] = {each: sentence(f"lab_page.input_{each}") for each in PICTURES}
    given = {chosen: sentence("lab_page.input_own")} if chosen not in named else {}
    pictures = (_option(value, words, chosen) for value, words in (*named.items(), *given.items()))
    sizes = (_option(str(side), f"{side} × {side}", str(setting.size)) for side in SIDES)
    return (
        _labelled("picture_field", element("select", *pictures, id="net-input", data_name="input")),
        *((_labelled("size", element("select", *sizes, id="net-size", data_name="size")),) if has_size else ()),
        _labelled("file", _file("net-file", "image/*", "image")),
    )


def _file(key: str, accept: str, give: str) -> Html:
    """A field for a file, as a button in the page's own language; a file that the server would refuse is not sent."""
    most = MOST_BYTES_OF.get(f"/{give}", MOST_BYTES)
    refusal = plain_text(sentence("lab.long_body", most=most >> 20))
    field = element("input", type="file", accept=accept, id=key, data_give=give, data_most=most, data_refusal=refusal)
    return element("span", field, element("span", text(sentence(f"lab_network.choose_{give}"))), class_="file")


def _option(value: str, words: Line, chosen: str) -> Html:
    return element("option", text(words), value=value, selected=value == chosen)


def _labelled(name: str, field: Html, of_class: str | None = None) -> Html:
    return element("label", element("span", text(sentence(f"lab_network.{name}"))), field, class_=of_class)
