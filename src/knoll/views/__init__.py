"""What is seen of a network, a tensor, a graph: summaries, pictures of networks and plans, feature maps."""

from knoll.views.summary import Summary, summary

__all__ = ["Summary", "summary"]
