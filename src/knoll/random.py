"""`torch.random`: where the random numbers begin, and where they stand.

https://pytorch.org/docs/stable/random.html
"""

from __future__ import annotations

from knoll.tensor.random.generator import Generator, initial_seed
from knoll.tensor.random.seed import fork_rng, get_rng_state, manual_seed, seed, set_rng_state

__all__ = ["Generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]
