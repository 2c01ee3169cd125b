"""What is seen of a network, a tensor, a graph: summaries, pictures of networks and plans, feature maps."""

from knoll.views.builder import summary
from knoll.views.features import Features, show
from knoll.views.image_input import image_input
from knoll.views.looking import filters_picture, occlusion_picture, receptive_field_picture, saliency_picture
from knoll.views.network_picture import network_picture
from knoll.views.plan_picture import roofline_picture, time_line
from knoll.views.summary import Summary

__all__ = [
    "Features",
    "Summary",
    "filters_picture",
    "image_input",
    "network_picture",
    "occlusion_picture",
    "receptive_field_picture",
    "roofline_picture",
    "saliency_picture",
    "show",
    "summary",
    "time_line",
]
