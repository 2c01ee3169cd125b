"""What is seen of a network, a tensor, a graph: summaries, pictures of networks and plans, feature maps."""

from knoll.views.builder import summary
from knoll.views.summary import Summary

__all__ = ["Summary", "summary"]
