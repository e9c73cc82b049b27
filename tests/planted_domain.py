"""Domains that exist for one test only, planted beside the real ones in a folder of the test's own.

Belongs here: planting and forgetting them. Does not belong here: what is told of them.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import pipelines.domains

Plant = Callable[..., Path]


@contextlib.contextmanager
def planting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """A function that plants a domain of a name: its modules by their paths without suffix; gives its folder."""

    def plant(domain: str, modules: dict[str, str] | None = None) -> Path:
        place = folder / domain
        for name, text in {"__init__": '"""Planted."""\n', **(modules or {})}.items():
            file = place / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            (file.parent / "__init__.py").touch()
            file.write_text(text)
        importlib.invalidate_caches()
        return place

    monkeypatch.setattr(pipelines.domains, "__path__", [*pipelines.domains.__path__, str(folder)])
    before = {*sys.modules}
    try:
        yield plant
    finally:
        for name in {*sys.modules} - before:
            if name.startswith("pipelines.domains."):
                parent, _, child = name.rpartition(".")
                sys.modules.pop(name)
                if hasattr(sys.modules.get(parent), child):
                    delattr(sys.modules[parent], child)
