"""What tests of tensors need, under the names of `torch.testing`.

Source: https://pytorch.org/docs/stable/testing.html
"""

from knoll.calls import advise
from knoll.testing.comparison import assert_close
from knoll.testing.creation import make_tensor

__all__ = ["assert_close", "make_tensor"]

advise(__name__)
