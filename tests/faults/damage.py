"""damage: bits flipped in, and bytes cut off, every kind of file that a home holds; detected or harmless, never silent.

Belongs here: which files, the damage, and what counts as detected. Does not belong here: homes and commands.
Detected: a run that ends with one line and leaves the published version. Harmless: one that publishes what an
undisturbed home does, the damaged thing made anew on the way.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.proofs.rows import Row
from pipelines.store.published.publication import current_version, verify_version
from pipelines.store.seal import seal_file
from tests.faults.commands import run
from tests.faults.homes import EXIT_DATA, Prepared, one_line_of, prepared_homes, rows_lost, share
from tests.faults.places import Kill, watch
from tests.faults.progress import told
from tests.faults.shops import FaultShop
from tests.shop_under_test import ShopUnderTest

SEED = 20110308
FLIP, CUT, GONE = "a bit flipped", "cut off", "removed"


@dataclass(frozen=True)
class Target:
    """A kind of file: how often it is damaged out of 60, in which copy of the home it is found, and where there; a
    private one is found in a shop with personal data alone, and put back once it was refused."""

    name: str
    share: int
    copy: str
    files: Callable[[Prepared], list[Path]]
    is_private: bool = False


def _published(pattern: str) -> Callable[[Prepared], list[Path]]:
    return lambda home: sorted((home.shop.settings.home.published / "current").resolve().glob(pattern))


def _log(home: Prepared) -> list[Path]:
    return [home.shop.settings.home.warehouse.with_name("warehouse.duckdb.wal")]


def _landed(folder: Path, story: FaultShop) -> list[Path]:
    """The files of the first day that are read again when more comes for it."""
    return sorted(file for table in story.more_of for file in folder.glob(f"*/{table}/{story.days[0]}/*.parquet"))


def _models(home: Prepared) -> list[Path]:
    return sorted(home.shop.settings.home.models.rglob(f"*/{home.last}/*.txt"))


# `before`: the last day is still to be refreshed; `done`: it is. `late`: more has come for the first day. The other two
# were killed: after the load was committed, and in the midst of dbt.
TARGETS = (
    Target("working file", 18, "before", lambda home: [home.shop.settings.home.warehouse]),
    Target("log of a load", 7, "loaded", _log),
    Target("log of dbt", 7, "building", _log),
    Target("raw file", 6, "late", lambda home: _landed(home.shop.settings.home.raw, home.story)),
    Target("model", 6, "done", _models),
    Target("published database", 5, "done", _published("marts.duckdb")),
    Target("published Parquet", 4, "done", _published("parquet/*.parquet")),
    Target("manifest", 4, "done", _published("manifest.json")),
    Target("seal", 3, "before", lambda home: [seal_file(home.shop.settings.home.warehouse)]),
    Target("private file", 9, "late", lambda home: _landed(home.shop.settings.home.private, home.story), True),
    Target("key", 3, "before", lambda home: [home.shop.settings.home.private / "demo.key"], True),
    Target("key's name", 3, "before", lambda home: [home.shop.settings.home.private / "key.json"], True),
)


@dataclass(frozen=True)
class Damage:
    """One damage: the kind of file, which of them, what is done, and where in it (a share of its length)."""

    target: Target
    which: float
    kind: str
    where: float

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.target.name}, {self.kind} at {100 * self.where:.1f} %"

    def apply(self, home: Prepared) -> Path:
        """Damage the file; returns it."""
        files = self.target.files(home)
        file = files[int(self.which * len(files))]
        if self.kind == GONE:
            file.unlink()
            return file
        content = bytearray(file.read_bytes())
        place = min(int(self.where * len(content)), len(content) - 1)
        if self.kind == FLIP:
            content[place] ^= 1 << int(self.which * 8e6) % 8
        file.chmod(0o644)
        file.write_bytes(content[:place] if self.kind == CUT else content)
        return file


@dataclass
class Seen:
    """What a series of damages came to, by kind of file."""

    detected: Counter[str] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass
class Copies:
    """A home's copies by name, and the digests that an undisturbed run of each makes."""

    folders: dict[str, Path]
    digests: dict[str, dict[str, str]]


def copies(home: Prepared, targets: Collection[Target] = TARGETS) -> Copies:
    """Make the copies that the targets name."""
    folders, warehouse = {"before": home.copy, "done": home.done}, home.shop.settings.home.warehouse
    day, named = f"{home.last}", {target.copy for target in targets}
    for name, kill in {"loaded": Kill("checkpoint"), "building": Kill("dbt closes")}.items():
        if name not in named:
            continue
        shop = home.restored()
        trace = home.copy.with_name(f"trace-{name}")
        run(shop, "refresh", "--date", day, prepare=partial(watch, trace, warehouse, kill))
        folders[name] = home.kept(name)
        assert _log(home)[0].stat().st_size > 0, f"no log is left in {name}"
    digests = dict.fromkeys(folders, home.digests)
    if "late" not in named:
        return Copies(folders, digests)
    shop, first = home.restored(home.done), home.story.days[0]
    home.story.more(shop, first, 0)
    folders["late"] = home.kept("late")
    assert run(shop, "refresh", "--date", f"{first}").code == 0
    return Copies(folders, {**digests, "late": shop.digests})


def draws(story: FaultShop, count: int, seed: int = SEED) -> Iterator[Damage]:
    """`count` damages, spread over the kinds of files by their shares; a third are cuts, of private files another
    third are removals. Of a log and of the working file the beginnings are drawn more often: headers stand there."""
    draw = random.Random(seed)
    targets = [target for target in TARGETS if story.has_private or not target.is_private]
    total = sum(target.share for target in targets)
    for target in targets:
        kinds = (FLIP, GONE, CUT) if target.is_private else (FLIP, FLIP, CUT)
        for number in range(max(1, round(target.share * count / total))):
            kind = kinds[number % 3]
            where = draw.random() ** (3 if number % 2 else 1)
            yield Damage(target, draw.random(), kind, where)


def damage_once(home: Prepared, made: Copies, damage: Damage, seen: Seen) -> None:
    """Damage a restored home, run, and judge; what was refused for a private file is green once it is put back."""
    name, is_private = damage.target.copy, damage.target.is_private
    shop = home.restored(made.folders[name])
    version, first = current_version(shop.settings.home.published), home.story.days[0]
    command = ["refresh", "--date", f"{first if name == 'late' else home.last}"]
    file = damage.apply(home)
    wrong = _told_to_readers(shop, file)
    looked = run(shop, "doctor", "--deep") if is_private else None
    ended = run(shop, *command)
    if ended.code == 0:
        seen.harmless[damage.target.name] += 1
        wrong += _as_undisturbed(home, made.digests[name])
    else:
        seen.detected[damage.target.name] += 1
        wrong += one_line_of(ended, *[file.name] * is_private)
        wrong += [] if current_version(shop.settings.home.published) == version else ["the version was replaced"]
        if looked:
            told = looked.code == 1 and any(file.name in line for line in looked.output)
            wrong += [] if told else [f"almanac doctor ended with {looked.code} and did not name it"]
            shutil.copy2(made.folders[name] / file.relative_to(shop.settings.home.path), file)
            again = run(shop, *command)
            wrong += [] if again.code == 0 else [f"put back it ended with {again.code}: {again.errors[-1:]}"]
            wrong += _as_undisturbed(home, made.digests[name])
    seen.problems += [f"{damage.name}: {problem}" for problem in wrong]


def _as_undisturbed(home: Prepared, digests: dict[str, str]) -> list[str]:
    """What is wrong with what was published: it must be what an undisturbed home publishes."""
    current = (home.shop.settings.home.published / "current").resolve()
    wrong = [] if home.shop.digests == digests else ["SILENT: other digests were published"]
    return wrong + verify_version(current) + rows_lost(home.shop, *home.story.days)


def _told_to_readers(shop: ShopUnderTest, file: Path) -> list[str]:
    """What is wrong when a published file is damaged and `almanac freshness` or `rollback` do not say so."""
    published = shop.settings.home.published
    if published.resolve() not in file.resolve().parents:
        return []
    version = current_version(published)
    looked, rolled = run(shop, "freshness"), run(shop, "rollback", f"{version}")
    return [problem for ended in (looked, rolled) for problem in one_line_of(ended, file.name)]


def older_file(home: Prepared, made: Copies) -> list[str]:
    """What is wrong when an older copy of the working file is put in the place of the newest: it must be refused,
    naming the way back; and going that way must work."""
    shop = home.restored(made.folders["done"])
    warehouse = shop.settings.home.warehouse
    shutil.copy(made.folders["before"] / warehouse.relative_to(shop.settings.home.path), warehouse)
    wrong = one_line_of(run(shop, "refresh", "--date", f"{home.last}"), "not what the last run left", "move it away")
    warehouse.parent.rename(warehouse.parent.with_name("damaged"))
    ended = run(shop, "backfill", "--from", f"{home.story.days[0]}", "--to", f"{home.last}")
    if ended.code not in (0, EXIT_DATA) or shop.digests != home.digests:
        wrong.append(f"rebuilt from drops it ended with {ended.code} and differs: {' / '.join(ended.errors[-2:])}")
    return wrong


def rows(story: FaultShop, folder: Path, count: int) -> Iterator[Row]:
    """The bars of `count` damages, and of a working file that is older than its seal."""
    homes, seen, began = prepared_homes(story, folder, count), Seen(), time.monotonic()
    made = {id(home): copies(home) for home in homes}
    damages = list(draws(story, count))

    def work(home: Prepared, damage: Damage) -> None:
        known = len(seen.problems)
        damage_once(home, made[id(home)], damage, seen)
        done = seen.detected.total() + seen.harmless.total()
        told(f"{done} of {len(damages)}, {len(seen.problems)} problems: {damage.name}", began)
        for problem in seen.problems[known:]:
            print(f"\n    problem: {problem}", flush=True)

    share(homes, damages, work)
    names = [target.name for target in TARGETS if story.has_private or not target.is_private]
    by_kind = ", ".join(f"{name} {seen.detected[name]}+{seen.harmless[name]}" for name in names)
    text = f"{seen.detected.total()} detected + {seen.harmless.total()} harmless ({by_kind}); "
    text += "; ".join([f"{len(seen.problems)} problems", *seen.problems[:3]])
    yield Row(f"{len(damages)} damaged files: every one detected in one line, or harmless", text, not seen.problems)
    wrong = older_file(homes[0], made[id(homes[0])])
    text = "; ".join(wrong) or "refused; moved away and rebuilt from drops it is equal"
    yield Row("a working file that lost commits is refused, and its line's remedy works", text, not wrong)
