"""What stands in a skeleton's way, and what a killed run left of it.

Belongs here: comparing the files that are to be written with those that stand. Does not belong here: writing
(writing.py), what a part stands on (project.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.skeletons.names import SkeletonError

if TYPE_CHECKING:
    from pipelines.skeletons.writing import Skeleton

# Makes a folder a package.
PACKAGE = "__init__.py"
MODELS = Path("dbt_project/models")


def lacking(skeleton: Skeleton, root: Path) -> dict[Path, bool]:
    """The skeleton's files below `root`: those that lack (True), and those that stand as they would be written (False),
    which a killed run has left; a package of another part that is there already is none of them.

    Raises SkeletonError where a file stands that is another, where nothing lacks, and where Python or dbt would take
    one that stands for one of these, or the reverse.
    """
    files = dict(skeleton.files())
    _need_seen(list(files), root)
    found: dict[Path, bool] = {}
    for path, text in files.items():
        if not _stands(root / path):
            found[path] = True
        elif path.name == PACKAGE and (not text or path.parent.name != skeleton.name):
            continue  # makes a folder a package that other parts have, too
        elif _holds(root / path, text):
            found[path] = False
        else:
            raise SkeletonError(
                f"the {skeleton.kind} {skeleton.name!r} is there already ({path} is not what would be written): choose "
                "another name, or remove the file"
            )
    if not any(found.values()):
        raise SkeletonError(
            f"the {skeleton.kind} {skeleton.name!r} is there already ({_shows(files)}): choose another name"
        )
    return found


def is_left(skeleton: Skeleton, root: Path) -> bool:
    """Whether a killed run left some files of a skeleton, and not the others."""
    texts = dict(skeleton.files())
    standing = [path for path in texts if _stands(root / path)]
    return 0 < len(standing) < len(texts) and all(_holds(root / path, texts[path]) for path in standing)


def _stands(path: Path) -> bool:
    return path.exists() or path.is_symlink()  # a link that leads nowhere, too


def _holds(file: Path, text: str) -> bool:
    try:
        return file.read_bytes() == text.encode()
    except OSError as error:  # a folder of its name, or one that is closed to us
        raise SkeletonError(f"{file} cannot be read ({error.strerror}): remove what is in the way") from error


def _shows(files: dict[Path, str]) -> Path:
    """A file that shows that the part is there: the first that is more than a package, or the first."""
    return next((path for path in files if path.name != PACKAGE), next(iter(files)))


def _need_seen(paths: list[Path], root: Path) -> None:
    """Of a package and a module of one name Python sees the package alone, of two dbt models of one name dbt none."""
    for path in paths:
        if path.name == PACKAGE and (root / path.parent).with_suffix(".py").exists():
            module = path.parent.with_suffix(".py")
            raise SkeletonError(f"{module} would be hidden by the package {path.parent}/: make it a module of that "
                                "package, or choose another name")  # fmt: skip
        folder = path.with_suffix("")
        if path.suffix == ".py" and any((root / folder).glob("*.py")):
            raise SkeletonError(f"there is a package {folder}/ already, and {path} would stand beside it: choose "
                                "another name")  # fmt: skip
        if path.suffix == ".sql" and MODELS in path.parents:
            other = next((one for one in (root / MODELS).rglob(path.name) if one != root / path), None)
            if other:
                raise SkeletonError(f"there is a dbt model {path.stem!r} already ({other.relative_to(root)}): choose "
                                    "another name")  # fmt: skip
