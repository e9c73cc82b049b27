"""Writing a skeleton into the project: all of its files or none, and none that stands.

Does not belong here: what a skeleton holds (kinds.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.skeletons.names import SkeletonError, filled

TEMPLATES = Path(__file__).with_name("templates")
# Makes a folder a package; one that is there already is as good.
PACKAGE = "__init__.py"


@dataclass(frozen=True)
class Skeleton:
    """What is to be written of a kind: `names` and `blocks` fill its templates; `shop_lines` are for a shop file,
    `next_steps` for the person; `without` are templates that are not needed this time (paths below the kind's)."""

    kind: str
    names: Mapping[str, str]
    blocks: Mapping[str, str] = field(default_factory=dict)
    shop_lines: Sequence[str] = ()
    next_steps: Sequence[str] = ()
    without: Sequence[str] = ()

    def files(self) -> Iterator[tuple[Path, str]]:
        """Path below the project and content of every file, in the order of paths."""
        folder = TEMPLATES / self.kind
        for template in sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"):
            path = template.relative_to(folder).as_posix()
            if path not in self.without:
                yield Path(filled(path, self.names)), filled(template.read_text("utf-8"), self.names, self.blocks)


def write(skeleton: Skeleton, root: Path) -> list[Path]:
    """Write the skeleton's files below `root`, those left out that only make a folder a package and are there; returns
    their paths below it. Raises SkeletonError when one stands already or cannot be written: nothing is written then."""
    contents = {path: text for path, text in skeleton.files() if not (path.name == PACKAGE and (root / path).exists())}
    for path in contents:
        if (root / path).exists():
            raise SkeletonError(f"{path} is there already and is never overwritten: choose another name or remove it")
    made: list[Path] = []
    try:
        for path, text in contents.items():
            made += _make_folder((root / path).parent)
            with (root / path).open("x", encoding="utf-8") as file:
                made.append(root / path)
                file.write(text)
    except BaseException as error:  # somebody who stops the command leaves nothing half-written either
        for place in reversed(made):
            place.rmdir() if place.is_dir() else place.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise SkeletonError(f"{error.filename} cannot be written ({error.strerror}): nothing was written") from error
    return list(contents)


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder with those above it; returns those that were not there, the outermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()][::-1]
    for place in missing:
        place.mkdir()
    return missing
