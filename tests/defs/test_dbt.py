"""dbt inside Dagster: a parse is whole or not there, and builds leave it alone."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from pipelines.defs.dbt import parsed_manifest
from tests.shop_under_test import MakeShop

pytestmark = pytest.mark.slow

DAYS = [dt.date(2010, 12, day) for day in (1, 2)]


def test_builds_leave_the_parse_alone_and_a_torn_one_is_made_anew(make_shop: MakeShop) -> None:
    shop = make_shop(first_day=DAYS[0])
    manifest = parsed_manifest(shop.settings)
    whole, made = manifest.read_bytes(), manifest.stat().st_mtime_ns
    (manifest.parent.parent / "parsing").mkdir()  # as a killed parse leaves it
    shop.deliver(DAYS[0])
    assert shop.run("refresh", DAYS[0]).success
    assert (manifest.read_bytes(), manifest.stat().st_mtime_ns) == (whole, made)
    manifest.write_bytes(whole[: len(whole) // 3])
    shop.deliver(DAYS[1])
    assert shop.run("refresh", DAYS[1]).success
    assert {*json.loads(manifest.read_bytes())["nodes"]} == {*json.loads(whole)["nodes"]}
    assert [path.name for path in manifest.parent.parent.iterdir() if path.is_dir()] == [manifest.parent.name]
