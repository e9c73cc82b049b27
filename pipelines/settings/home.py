"""The home of a shop: the layout of the one folder that its runs write to, and whose it is.

Does not belong here: anything that opens the warehouse or reads a drop.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings.errors import SettingsError

# Where homes lie unless another place is named, and the file that says whose a home is.
HOMES, HOME_MARKER = Path(".almanac"), "home.json"


@dataclass(frozen=True)
class Home:
    """The one directory in which everything that a shop's refresh writes is found."""

    path: Path

    @property
    def drops(self) -> Path:  # noqa: D102
        return self.path / "drops"

    @property
    def private(self) -> Path:  # noqa: D102
        return self.path / "private"

    @property
    def raw(self) -> Path:  # noqa: D102
        return self.path / "raw"

    @property
    def warehouse(self) -> Path:  # noqa: D102
        return self.path / "warehouse" / "warehouse.duckdb"

    @property
    def writer_lock(self) -> Path:  # noqa: D102
        return self.path / "warehouse" / "writer.lock"

    @property
    def published(self) -> Path:  # noqa: D102
        return self.path / "published"

    @property
    def models(self) -> Path:
        """The models' texts, one folder per statement and as-of date."""
        return self.path / "models"

    @property
    def dagster(self) -> Path:  # noqa: D102
        return self.path / "dagster"

    @property
    def dbt(self) -> Path:  # noqa: D102
        return self.path / "dbt"

    @property
    def logs(self) -> Path:  # noqa: D102
        return self.path / "logs"

    @property
    def data_docs(self) -> Path:  # noqa: D102
        return self.path / "logs" / "data_docs"

    @property
    def cache(self) -> Path:
        """What earlier releases kept here and the installation now holds (`held.py`): prune alone still knows it."""
        return self.path / "cache"

    @property
    def tmp(self) -> Path:  # noqa: D102
        return self.path / "tmp"

    def check(self, shop: str) -> None:
        """Raises SettingsError when the path is no folder, or the home is damaged or another shop's; writes nothing."""
        marker = self.path / HOME_MARKER
        blocking = next((part for part in (self.path, *self.path.parents) if part.exists()), self.path)
        if blocking.exists() and not blocking.is_dir():
            raise SettingsError(f"{blocking} is a file, not a folder: give another --home")
        try:
            content = json.loads(marker.read_text())
            owner = content["shop"]
        except FileNotFoundError:
            return
        except OSError as error:
            raise SettingsError(f"{marker} cannot be read ({error.strerror}): give another --home") from error
        except (ValueError, TypeError, LookupError) as error:
            remedy = 'write {"shop": "<its shop>"} into it, or give another --home'
            raise SettingsError(f"{marker} is damaged: {remedy}") from error
        if owner != shop:
            raise SettingsError(f"{self.path} is the home of shop {owner!r}, not {shop!r}: give another --home")

    def prepare(self, shop: str) -> None:
        """Make the folders, and claim the home for `shop`. Raises SettingsError when it is another shop's
        or cannot be written."""
        self.check(shop)
        marker = self.path / HOME_MARKER
        try:
            folders = (self.drops, self.private, self.raw, self.warehouse.parent, self.published)
            for folder in (*folders, self.dagster, self.dbt, self.logs, self.tmp):
                folder.mkdir(parents=True, exist_ok=True)
            self.private.chmod(0o700)
            if not marker.exists():
                # Renamed into place: a run killed here leaves no half a marker.
                partial = marker.with_suffix(f".{os.getpid()}.part")
                partial.write_text(json.dumps({"shop": shop}) + "\n")
                partial.replace(marker)
        except OSError as error:
            raise SettingsError(f"{self.path} cannot be written ({error.strerror}): give a writable --home") from error
