"""Networks that are ready to be trained, with torchvision's names, keys and initial weights where it has them."""

from __future__ import annotations

from knoll.vision.models.alexnet import AlexNet, alexnet
from knoll.vision.models.densenet import DenseNet, densenet121, densenet161, densenet169, densenet201
from knoll.vision.models.imagenet import (
    AlexNet_Weights,
    DenseNet121_Weights,
    DenseNet161_Weights,
    DenseNet169_Weights,
    DenseNet201_Weights,
    MobileNet_V2_Weights,
    ResNet18_Weights,
    ResNet34_Weights,
    ResNet50_Weights,
    ResNet101_Weights,
    ResNet152_Weights,
    SqueezeNet1_0_Weights,
    SqueezeNet1_1_Weights,
    VGG11_BN_Weights,
    VGG11_Weights,
    VGG13_BN_Weights,
    VGG13_Weights,
    VGG16_BN_Weights,
    VGG16_Weights,
    VGG19_BN_Weights,
    VGG19_Weights,
)
from knoll.vision.models.lenet import LeNet, lenet
from knoll.vision.models.mobilenet_v1 import MobileNetV1, mobilenet_v1, mobilenet_v1_025
from knoll.vision.models.mobilenet_v2 import MobileNetV2, mobilenet_v2
from knoll.vision.models.practice import Practice, practice
from knoll.vision.models.registry import get_model, get_model_builder, get_model_weights, get_weight, list_models
from knoll.vision.models.resnet import ResNet, resnet18, resnet34, resnet50, resnet101, resnet152
from knoll.vision.models.segnet import SegNet, segnet_vgg11, segnet_vgg16
from knoll.vision.models.squeezenet import SqueezeNet, squeezenet1_0, squeezenet1_1
from knoll.vision.models.unet import UNet, unet
from knoll.vision.models.vgg import VGG, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn
from knoll.vision.models.weights import Weights, WeightsEnum

__all__ = [
    "VGG",
    "AlexNet",
    "AlexNet_Weights",
    "DenseNet",
    "DenseNet121_Weights",
    "DenseNet161_Weights",
    "DenseNet169_Weights",
    "DenseNet201_Weights",
    "LeNet",
    "MobileNetV1",
    "MobileNetV2",
    "MobileNet_V2_Weights",
    "Practice",
    "ResNet",
    "ResNet18_Weights",
    "ResNet34_Weights",
    "ResNet50_Weights",
    "ResNet101_Weights",
    "ResNet152_Weights",
    "SegNet",
    "SqueezeNet",
    "SqueezeNet1_0_Weights",
    "SqueezeNet1_1_Weights",
    "UNet",
    "VGG11_BN_Weights",
    "VGG11_Weights",
    "VGG13_BN_Weights",
    "VGG13_Weights",
    "VGG16_BN_Weights",
    "VGG16_Weights",
    "VGG19_BN_Weights",
    "VGG19_Weights",
    "Weights",
    "WeightsEnum",
    "alexnet",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "get_model",
    "get_model_builder",
    "get_model_weights",
    "get_weight",
    "lenet",
    "list_models",
    "mobilenet_v1",
    "mobilenet_v1_025",
    "mobilenet_v2",
    "practice",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "segnet_vgg11",
    "segnet_vgg16",
    "squeezenet1_0",
    "squeezenet1_1",
    "unet",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]
