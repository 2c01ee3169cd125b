"""Side-effect analysis of `forward`: whether a call of a user's module does nothing but compute its result.

Such a call is memoised as those of Knoll's own layers are (`nn/memoised.py`). The body is read as a syntax tree
(`source.py`) and interpreted over abstract values (`values.py`): tensors, what is known before the numbers are, and
objects that it reads, as its layers. Whatever is not known to be free of effects ends the analysis, and `forward` runs
on every call. What the result rests on (options, global names, functions and their code) is kept and compared before
each call (`reads.py`).

Source: Cousot and Cousot, Abstract interpretation, POPL 1977; Lucassen and Gifford, Polymorphic effect systems, 1988.
"""

from knoll.nn.effects.reads import Reads
from knoll.nn.effects.statements import members_of, reads_of

__all__ = ["Reads", "members_of", "reads_of"]
