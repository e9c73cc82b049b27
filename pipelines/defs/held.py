"""Where is kept what follows from the code alone and is dear to make: for all homes of this installation.

Belongs here: the folder. Does not belong here: what lies in it (manifest.py, report.py).
"""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.settings.environment import Settings


def holding_folder(settings: Settings) -> Path:
    """`target/held` of the dbt project, beside the code as bytecode is, or the home's own folder where the installation
    is not ours to write."""
    shared = settings.dbt_project_dir / "target" / "held"
    try:
        shared.mkdir(parents=True, exist_ok=True)
        writable = os.access(shared, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    return shared if writable else settings.home.dbt
