"""What is seen of a network, a tensor, a graph: summaries, pictures of networks and plans, feature maps."""

from knoll.views.builder import summary
from knoll.views.network_picture import network_picture
from knoll.views.plan_picture import roofline_picture, time_line
from knoll.views.summary import Summary

__all__ = ["Summary", "network_picture", "roofline_picture", "summary", "time_line"]
