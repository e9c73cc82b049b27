"""The key of a home with direct personal data: whether there is one, and whose it is.

Belongs here: which tables of a shop need it. Does not belong here: what a key is (pipelines.hash_keys).
"""

from collections.abc import Iterable

from pipelines.contracts.contract import SourceContract
from pipelines.hash_keys import HashKey, check_key, demo_key, home_key
from pipelines.settings import Settings


def check_home_key(settings: Settings, contracts: Iterable[SourceContract]) -> None:
    """Refuse a run that could not hash what it loads, before anything is written. Raises HashKeyError."""
    if not (needed_by := _needed_by(settings, contracts)):
        return
    private = settings.home.private
    key = settings.hash_key or (demo_key(private) if settings.shop.demo_key else None)
    if key is not None:
        check_key(private, key)
    elif not settings.shop.demo_key:
        home_key(private, None, is_demo=False, needed_by=needed_by)  # says what is missing


def key_of_home(settings: Settings, contracts: Iterable[SourceContract]) -> tuple[HashKey | None, bool]:
    """The key of the home, from now on its only one, and True when a demo has just made it; None where no contract has
    direct personal data. Raises HashKeyError."""
    if not (needed_by := _needed_by(settings, contracts)):
        return None, False
    return home_key(settings.home.private, settings.hash_key, is_demo=settings.shop.demo_key, needed_by=needed_by)


def _needed_by(settings: Settings, contracts: Iterable[SourceContract]) -> str | None:
    """The first direct column of the contracts, as a message names it."""
    for contract in contracts:
        for column in contract.direct_columns:
            return f"{settings.contract_file(contract.source, contract.table)}: {column}"
    return None
