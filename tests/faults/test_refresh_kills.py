"""A refresh that is killed anywhere loses nothing: readers keep a whole version, and the next run makes it good."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import duckdb
import pytest

from tests.faults.killed_refresh import PLACES, Kill, run
from tests.shop_under_test import ShopUnderTest, real_rows, shop_maker

pytestmark = [pytest.mark.faults, pytest.mark.slow]

FIRST, SECOND = dt.date(2011, 3, 6), dt.date(2011, 3, 7)
FEW = [Kill("load", 15), Kill("commit", 8), Kill("dbt", 700), Kill("publish", 150)]


def kills() -> list[Kill]:
    """A kill in each of the four stages; with ALMANAC_PROVE_KILLS=n, n of them at drawn places and moments."""
    wanted = int(os.environ.get("ALMANAC_PROVE_KILLS", "0"))
    draw = random.Random(20110306)
    longest = {"landing": 60, "load": 80, "verdicts": 20, "commit": 30, "dbt": 4000, "publish": 900}
    drawn = [(stage, draw.choice([0, draw.randint(1, longest.get(stage, 30))])) for stage in list(PLACES) * wanted]
    return [Kill(stage, moment) for stage, moment in drawn[:wanted]] or FEW


def refresh(shop: ShopUnderTest, day: dt.date) -> bool:
    return bool(shop.run("refresh", day).success)


@dataclasses.dataclass
class Restorable:
    """A home with one day published and the next delivered, its copy, and what an unharmed refresh makes of it."""

    shop: ShopUnderTest
    copy: Path
    digest: str = ""

    def restored(self) -> ShopUnderTest:
        shutil.rmtree(self.shop.settings.home.path)
        shutil.copytree(self.copy, self.shop.settings.home.path, symlinks=True)
        return self.shop


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Restorable:
    folder = tmp_path_factory.mktemp("kills")
    shop = shop_maker(folder)(first_day=FIRST)
    rows = real_rows(FIRST)
    shop.deliver(FIRST, rows[20:])
    # Late lines too: the killed run replaces a day that is published already.
    shop.deliver(SECOND, [*real_rows(SECOND), *rows[:20]])
    assert run(partial(refresh, shop, FIRST)) == 0
    shutil.copytree(shop.settings.home.path, folder / "copy", symlinks=True)
    assert run(partial(refresh, shop, SECOND)) == 0
    return Restorable(shop, folder / "copy", whole(shop)[1])


def whole(shop: ShopUnderTest) -> tuple[str, str]:
    """The version that readers see and its digest, after all its tables were read and their rows counted."""
    for name, table in shop.manifest["tables"].items():
        assert shop.query(f'select count(*) from "{name}"') == [(table["rows"],)]
    return str(shop.manifest["version"]), str(shop.manifest["digest"])


@pytest.mark.parametrize("kill", kills(), ids=lambda kill: f"{kill.stage}+{kill.after_ms}ms")
def test_a_killed_refresh_loses_nothing(home: Restorable, kill: Kill) -> None:
    shop = home.restored()
    old = whole(shop)
    code = run(partial(refresh, shop, SECOND), kill)
    assert code == -signal.SIGKILL or (code == 0 and kill.after_ms)
    left = whole(shop)
    assert left == old or left[1] == home.digest
    assert run(partial(refresh, shop, SECOND)) == 0
    assert whole(shop)[1] == home.digest
    with duckdb.connect(str(shop.settings.home.warehouse), read_only=True) as con:
        rows = con.execute("select count(*) from raw.online_retail__transactions").fetchone()
        acknowledged = con.execute("select sum(row_count) from ledger.row_counts where outcome = 'accepted'").fetchone()
    assert rows == acknowledged


def test_a_refresh_beside_another_writer_is_refused(tmp_path: Path) -> None:
    shop = shop_maker(tmp_path)(first_day=FIRST)
    lock = shop.settings.home.writer_lock
    hold = (
        "import sys; from pathlib import Path; from pipelines.warehouse.connection import writer_lock\n"
        "with writer_lock(Path(sys.argv[1]), 'the daily refresh'):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "refresh", "--date", f"{FIRST}"]
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        home = str(shop.settings.home.path)
        refused = subprocess.run([*command, "--home", home], capture_output=True, text=True, check=False, timeout=120)
        holder.kill()
    assert refused.returncode == 4, refused.stderr
    assert f"process {holder.pid} (the daily refresh" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
