"""Networks that give what their layers compute, and networks of one's own by name."""

from __future__ import annotations

import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.vision.models import get_model, list_models, resnet18
from knoll.vision.models._api import register_model
from knoll.vision.models.feature_extraction import create_feature_extractor
from knoll.vision.models.registry import MODELS

IMAGES = knoll.rand(2, 3, 64, 64)


class Twice(nn.Module):
    """A network that calls one layer twice."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(knoll.tensor(2.0))
        self.register_buffer("shift", knoll.tensor(1.0))
        self.relu = nn.ReLU()
        self.last = nn.Linear(3, 2)

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        """Rows (n, 3) to (n, 2)."""
        return self.last(self.relu(self.relu(x) * self.scale - self.shift))


def test_results_are_those_of_the_layers_in_the_order_in_which_they_come() -> None:
    net = resnet18(num_classes=4).eval()
    seen: dict[str, knoll.Tensor] = {}
    for name in ("layer1", "layer3", "avgpool"):
        layer = net.get_submodule(name)
        layer.register_forward_hook(lambda _, __, y, name=name: seen.update({name: y.detach()}))
    net(IMAGES)
    extractor = create_feature_extractor(net, {"avgpool": "pooled", "layer3": "b", "layer1": "a"})
    for _ in range(3):
        made = extractor(IMAGES)
        assert list(made) == ["a", "b", "pooled"]
        for told, name in (("a", "layer1"), ("b", "layer3"), ("pooled", "avgpool")):
            knoll.testing.assert_close(made[told], seen[name])


def test_a_call_is_counted_where_a_layer_has_several() -> None:
    net, x = Twice(), knoll.tensor([[-1.0, 0.25, 3.0]])
    made = create_feature_extractor(net, ["relu", "relu_1"])(x)
    assert made["relu"].tolist() == [[0.0, 0.25, 3.0]]
    assert made["relu_1"].tolist() == [[0.0, 0.0, 5.0]]
    with pytest.raises(StateError, match=r"'relu_2' was not called so often"):
        create_feature_extractor(net, ["relu_2"])(x)


def test_what_comes_behind_the_last_result_is_not_computed() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True), nn.Linear(3, 3))
    x = knoll.tensor([[1.0, -2.0]])
    extractor = create_feature_extractor(net, {"0": "y"})
    for each in (extractor.train(), extractor.eval()):
        knoll.testing.assert_close(each(x)["y"], net[0](x))
        with knoll.no_grad():
            knoll.testing.assert_close(each(x)["y"], net[0](x))


def test_parameters_are_those_of_the_network_and_learn() -> None:
    net = Twice()
    extractor = create_feature_extractor(net, ["relu_1"])
    assert list(extractor.state_dict()) == list(net.state_dict())
    assert all(mine is own for mine, own in zip(extractor.parameters(), net.parameters(), strict=True))
    extractor(knoll.ones(1, 3))["relu_1"].sum().backward()
    assert net.scale.grad is not None
    assert net.scale.grad.item() == 3.0
    assert not net.relu._forward_hooks


def test_training_and_evaluation_may_ask_for_others() -> None:
    extractor = create_feature_extractor(Twice().eval(), train_return_nodes=["relu"], eval_return_nodes={"last": "y"})
    assert list(extractor(knoll.ones(1, 3))) == ["y"]
    assert list(extractor.train()(knoll.ones(1, 3))) == ["relu"]


def test_statistics_are_learnt_in_training() -> None:
    net = resnet18(num_classes=2)
    extractor = create_feature_extractor(net, ["layer1"]).train()
    extractor(IMAGES)
    assert extractor.get_buffer("bn1.running_mean").abs().sum() > 0
    assert net.bn1.num_batches_tracked == 1


def test_what_is_no_node_is_refused() -> None:
    with pytest.raises(ArgumentError, match="node: 'flatten' is not present in model") as caught:
        create_feature_extractor(Twice(), ["flatten"])
    assert "relu, last" in str(caught.value)
    with pytest.raises(ArgumentError, match="Either `return_nodes` or"):
        create_feature_extractor(Twice())
    with pytest.raises(ArgumentError, match="then both should be specified"):
        create_feature_extractor(Twice(), train_return_nodes=["relu"])
    with pytest.raises(ArgumentError, match="then `return_nodes` should not be specified"):
        create_feature_extractor(Twice(), ["relu"], ["relu"], ["relu"])
    with pytest.raises(ArgumentTypeError, match="The features are those of a network"):
        create_feature_extractor("resnet18", ["layer1"])  # type: ignore[arg-type]  # the wrong value


def test_a_network_of_ones_own_has_a_name() -> None:
    @register_model("mine")
    def build(num_classes: int = 2) -> nn.Module:
        return nn.Linear(3, num_classes)

    try:
        assert "mine" in list_models()
        assert get_model("mine", num_classes=5).out_features == 5
        with pytest.raises(ArgumentError, match="already registered under the name 'mine'"):
            register_model("mine")(build)
    finally:
        del MODELS["mine"]
