"""What another implementation of BG/NBD and Gamma-Gamma answers on fixed inputs, frozen in lifetimes.json.

How the answers were got, of which release and on which inputs, stands at the head of that file. Does not belong here:
published answers, which the tests state themselves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# The answers for one input: params, log_likelihood, histories with what was answered for each, sums over all_customers.
Answers = dict[str, Any]

ANSWERS: dict[str, dict[str, Answers]] = json.loads(Path(__file__).with_name("lifetimes.json").read_text())
# Two searches for one maximum: the widest gap seen is 1.3e-7, in a parameter whose likelihood is flat.
TOLERANCE = 1e-6
