"""What is found by folder: the packages below a package, and a module of one of them where it is there.

Belongs here: looking. Does not belong here: what a system or a capability is (system.py, grading/grades.py).
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from types import ModuleType


def folders(package: str) -> list[str]:
    """The names of the packages right below a package, in the order of the alphabet."""
    path = importlib.import_module(package).__path__
    return sorted(info.name for info in pkgutil.iter_modules(path) if info.ispkg)


def parts(package: str, folder: str, module: str) -> list[ModuleType]:
    """The modules of a folder that are named `module`, or begin with it and an underscore, the first one ahead."""
    inside = importlib.import_module(f"{package}.{folder}")
    names = sorted(info.name for info in pkgutil.iter_modules(inside.__path__))
    chosen = [name for name in names if name == module or name.startswith(f"{module}_")]
    return [importlib.import_module(f"{package}.{folder}.{name}") for name in chosen]


def part(package: str, folder: str, module: str) -> ModuleType | None:
    """The module of a folder; None where the folder has no such file."""
    name = f"{package}.{folder}.{module}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None
