"""`torch.nn.modules`: the layers once more, by the files in which PyTorch has them, for programs that name those.

>>> from knoll.nn.modules.conv import Conv2d
>>> import knoll
>>> isinstance(knoll.nn.BatchNorm2d(3), knoll.nn.modules.batchnorm._BatchNorm)
True
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from knoll.absent import absent

_FILES = """
activation: CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish
 MultiheadAttention PReLU RReLU ReLU ReLU6 SELU Sigmoid SiLU Softmax Softmax2d Softmin Softplus Softshrink Softsign Tanh
 Tanhshrink Threshold
batchnorm: BatchNorm1d BatchNorm2d LazyBatchNorm1d LazyBatchNorm2d SyncBatchNorm
channelshuffle: ChannelShuffle
container: ModuleDict ModuleList ParameterDict ParameterList Sequential
conv: Conv1d Conv2d ConvTranspose1d ConvTranspose2d LazyConv1d LazyConv2d LazyConvTranspose1d LazyConvTranspose2d
distance: CosineSimilarity PairwiseDistance
dropout: AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout
flatten: Flatten Unflatten
fold: Fold Unfold
instancenorm: InstanceNorm1d InstanceNorm2d LazyInstanceNorm1d LazyInstanceNorm2d
lazy: LazyModuleMixin
linear: Bilinear Identity LazyLinear Linear
loss: BCELoss BCEWithLogitsLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss HuberLoss
 KLDivLoss L1Loss MSELoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss
 NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss
module: Module
normalization: GroupNorm LayerNorm LocalResponseNorm RMSNorm
padding: CircularPad1d CircularPad2d ConstantPad1d ConstantPad2d ReflectionPad1d ReflectionPad2d ReplicationPad1d
 ReplicationPad2d ZeroPad1d ZeroPad2d
pixelshuffle: PixelShuffle PixelUnshuffle
pooling: AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d AvgPool1d AvgPool2d FractionalMaxPool2d
 LPPool1d LPPool2d MaxPool1d MaxPool2d MaxUnpool1d MaxUnpool2d
sparse: Embedding
transformer: Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
upsampling: Upsample UpsamplingBilinear2d UpsamplingNearest2d
"""
# Classes that several layers are made from, by PyTorch's names: where they are, and theirs.
_BASES = {
    ("batchnorm", "_BatchNorm"): ("layers.batch_norm", "_BatchNorm"),
    ("conv", "_ConvNd"): ("layers.conv", "Convolution"),
    ("conv", "_ConvTransposeNd"): ("layers.conv_transpose", "TransposedConvolution"),
    ("batchnorm", "_NormBase"): ("layers.norm_base", "NormBase"),
    ("dropout", "_DropoutNd"): ("layers.dropout", "_Dropout"),
    ("instancenorm", "_InstanceNorm"): ("layers.instance_norm", "_InstanceNorm"),
    ("lazy", "LazyModuleMixin"): ("layers.lazy", "LazyModuleMixin"),
    **{
        ("module", f"register_module_{name}"): ("global_hooks", f"register_module_{name}")
        for name in ("forward_pre_hook", "forward_hook", "full_backward_pre_hook", "full_backward_hook")
    },
    ("loss", "_Loss"): ("layers.loss", "Loss"),
    ("loss", "_WeightedLoss"): ("layers.loss", "WeightedLoss"),
}
_NN = __name__.rpartition(".")[0]


class _File(ModuleType):
    """A file of PyTorch's layers."""

    def __init__(self, name: str, layers: list[str]) -> None:
        super().__init__(f"{__name__}.{name}", f"`torch.nn.modules.{name}`: {', '.join(layers)}.")
        self.__all__ = layers

    def __getattr__(self, name: str) -> Any:
        place = _BASES.get((self.__name__.rpartition(".")[2], name))
        if place is not None:
            return getattr(sys.modules[f"{_NN}.{place[0]}"], place[1])
        if name in self.__all__:
            return getattr(sys.modules[_NN], name)
        raise absent(self.__name__, name, tuple(self.__all__))


_EVERY: dict[str, str] = {}  # the file of each layer
for _line in _FILES.strip().replace("\n ", " ").split("\n"):
    _name, _layers = _line.split(": ")
    _file = _File(_name, _layers.split())
    sys.modules[_file.__name__] = globals()[_name] = _file
    _EVERY |= dict.fromkeys(_file.__all__, _name)


def __getattr__(name: str) -> Any:
    """A layer, whatever its file, or what to write in place of a name that is not there."""
    if name in _EVERY:
        return getattr(globals()[_EVERY[name]], name)
    raise absent(__name__, name, tuple(_EVERY))
