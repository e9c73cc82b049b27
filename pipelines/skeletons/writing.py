"""Writing a skeleton into the project: all of its files or none, and none over one that stands.

Does not belong here: what a skeleton holds (kinds.py), what stands in its way (standing.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.skeletons.names import SkeletonError, filled
from pipelines.skeletons.standing import lacking

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Skeleton:
    """What is to be written of a kind: `names` and `blocks` fill its templates; `reads` says what it stands on,
    `shop_lines` are for a shop file, `next_steps` for the person; `without` are templates that are not needed this time
    (paths below the kind's)."""

    kind: str
    names: Mapping[str, str]
    blocks: Mapping[str, str] = field(default_factory=dict)
    reads: str = ""
    shop_lines: Sequence[str] = ()
    next_steps: Sequence[str] = ()
    without: Sequence[str] = ()

    @property
    def name(self) -> str:
        """What is added is called so."""
        return self.names[self.kind]

    def files(self) -> Iterator[tuple[Path, str]]:
        """Path below the project and content of every file, in the order of paths."""
        folder = TEMPLATES / self.kind
        for template in sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"):
            path = template.relative_to(folder).as_posix()
            if path not in self.without:
                yield Path(filled(path, self.names)), filled(template.read_text("utf-8"), self.names, self.blocks)


def write(skeleton: Skeleton, root: Path) -> dict[Path, bool]:
    """Write the skeleton's files below `root`; returns their paths below it, and whether each was written: what a
    killed run left of them is kept, a package of another part that is there already is none of them.

    Raises SkeletonError when something stands in the way (standing.py) or cannot be written: nothing is written then.
    """
    found, contents = lacking(skeleton, root), dict(skeleton.files())
    made: list[Path] = []
    try:
        for path in (path for path, lacks in found.items() if lacks):
            _make_folder((root / path).parent, made)
            _write_whole(root / path, contents[path], made)
    except BaseException as error:  # somebody who stops the command leaves nothing half-written either
        for place in reversed(made):
            place.rmdir() if place.is_dir() else place.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise SkeletonError(f"{error.filename} cannot be written ({error.strerror}): nothing was written") from error
    return found


def _write_whole(file: Path, text: str, made: list[Path]) -> None:
    """Write a file beside its place and move it there: a kill leaves the whole of it or none. What is on the way is
    noted in `made`."""
    beside = file.with_name(f".{file.name}.new")
    made.append(beside)
    beside.write_text(text, encoding="utf-8")
    made.append(file)
    beside.replace(file)


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder with those above it; those that were not there are noted in `made`, the outermost first."""
    for place in [place for place in (folder, *folder.parents) if not place.exists()][::-1]:
        place.mkdir()
        made.append(place)
