"""The key of a home with direct personal data: whether there is one, and whose it is.

Belongs here: which tables of a shop need it. Does not belong here: what a key is (pipelines.hash_keys).
"""

from collections.abc import Iterable

from pipelines.contracts.contract import SourceContract
from pipelines.hash_keys import HashKey, home_key, standing_key
from pipelines.settings.environment import Settings


def check_home_key(settings: Settings, contracts: Iterable[SourceContract]) -> None:
    """Refuse a run that could not hash what it loads, before anything is written. Raises HashKeyError."""
    if not (hashed := _hashed(contracts)):
        return
    private, is_demo, is_hashed = settings.home.private, settings.shop.demo_key, _is_hashed(settings, hashed)
    key = standing_key(private, settings.hash_key, is_demo=is_demo, is_hashed=is_hashed)
    if key is None and not is_demo:
        key_of_home(settings, hashed)  # says what is missing


def key_of_home(settings: Settings, contracts: Iterable[SourceContract]) -> tuple[HashKey | None, bool]:
    """The key of the home, from now on its only one, and True when a demo has just made it; None where no contract has
    direct personal data. Raises HashKeyError."""
    if not (hashed := _hashed(contracts)):
        return None, False
    first = hashed[0]
    return home_key(
        settings.home.private,
        settings.hash_key,
        is_demo=settings.shop.demo_key,
        is_hashed=_is_hashed(settings, hashed),
        needed_by=f"{settings.contract_file(first.source, first.table)}: {first.direct_columns[0]}",
    )


def _hashed(contracts: Iterable[SourceContract]) -> list[SourceContract]:
    """The contracts with direct columns."""
    return [contract for contract in contracts if contract.direct_columns]


def _is_hashed(settings: Settings, contracts: Iterable[SourceContract]) -> bool:
    """Whether the home holds a raw file of one of the tables."""
    folders = [settings.home.raw / contract.source / contract.table for contract in contracts]
    return any(True for folder in folders for _ in folder.rglob("*.parquet"))
