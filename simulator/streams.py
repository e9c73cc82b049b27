"""Random streams: one per system and day, so that nothing drawn elsewhere or on another day changes a draw.

Does not belong here: what is drawn.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, system: str, day: int) -> np.random.Generator:
    """The generator of one system on one day (0 is the first): a function of the three values alone."""
    digest = hashlib.sha256(f"{seed}/{system}/{day}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
