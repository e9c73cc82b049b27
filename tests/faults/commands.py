"""The real `almanac` command on a shop, with a fault prepared in its process.

Belongs here: what such a command must be told. Does not belong here: starting commands
(tests/command_line.py), their shops (shops.py), faults.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests import command_line
from tests.command_line import Prepare, Running, Said
from tests.shop_under_test import ShopUnderTest


def environment_of(shop: ShopUnderTest) -> dict[str, str]:
    """What a command must be told of the shop."""
    settings = shop.settings
    return {
        "ALMANAC_SHOP": settings.shop.name,
        "ALMANAC_SHOPS_DIR": str(settings.shop_file.parent),
        "ALMANAC_HOME": str(settings.home.path),
    }


def start(
    shop: ShopUnderTest, *arguments: str, prepare: Prepare | None = None, more: Mapping[str, str] | None = None
) -> Running:
    """Start `almanac <arguments>` on the shop; `prepare` is called in its process first, `more` is its environment."""
    environment = {**environment_of(shop), **(more or {})}
    folder = shop.settings.shop_file.parent
    return command_line.start(folder, *arguments, environment=environment, prepare=prepare)


def run(
    shop: ShopUnderTest, *arguments: str, prepare: Prepare | None = None, more: Mapping[str, str] | None = None
) -> Said:
    """Run `almanac <arguments>` to its end."""
    return start(shop, *arguments, prepare=prepare, more=more).wait()
