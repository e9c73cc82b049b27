"""The environment: which shop, where its home is, how much of the machine it may use.

Belongs here: everything read from the environment, and what follows from it and the shop file.
Does not belong here: what a shop file may say (shop.py), the layout of a home (home.py).
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.hash_keys import KEY, KEY_ID, HashKey, HashKeyError, parse_key
from pipelines.settings.domains import domain_settings, domains_off
from pipelines.settings.errors import SettingsError
from pipelines.settings.home import HOME_MARKER, HOMES, Home
from pipelines.settings.shop import NAME, Shop, load_shop

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DEFAULT_SHOP = "online_retail"
# A refresh of one day takes well under a minute; six hours is what a full rebuild of a large shop may take. After it,
# run monitoring fails a run whose process died.
MAX_RUNTIME_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Settings:
    """All that a refresh needs to know before it starts."""

    shop: Shop
    shop_file: Path
    home: Home
    project_root: Path = PROJECT_ROOT
    memory_limit: str = "2GB"
    threads: int = 2
    contracts: Path | None = None
    hash_key: HashKey | None = None
    max_runtime_seconds: int = MAX_RUNTIME_SECONDS
    takes_drops: bool = True

    @property
    def contracts_dir(self) -> Path:
        """The folder of the contracts; the project's own unless `contracts` names another."""
        return self.contracts or self.project_root / "data_contracts"

    @property
    def outputs_dir(self) -> Path:
        """The contracts of what models state: part of the code, so always the project's own."""
        return self.project_root / "data_contracts" / "outputs"

    @property
    def working_file(self) -> dict[str, Any]:
        """How the working file is to be opened: the arguments of `open_warehouse`."""
        return {
            "database": self.home.warehouse,
            "temp_directory": self.home.tmp,
            "memory_limit": self.memory_limit,
            "threads": self.threads,
        }

    @property
    def dbt_project_dir(self) -> Path:  # noqa: D102
        return self.project_root / "dbt_project"

    def contract_file(self, source: str, table: str) -> Path:
        """Path of the contract of one raw table."""
        return self.contracts_dir / "sources" / source / f"{table}.odcs.yaml"

    def drop_patterns(self, source: str, table: str) -> list[str]:
        """Absolute patterns with `{arrival_date}` in which files of the table arrive; the home's own comes first.

        None for a home that takes no drops: its deliveries are put into its ledger (a replay).
        """
        if not self.takes_drops:
            return []
        patterns = [str(self.home.drops / source / table / "{arrival_date}" / "*")]
        pattern = self.shop.sources[source][table].drops
        if pattern:
            patterns.append(str(self.project_root / pattern))
        return patterns

    @property
    def conformed_entities(self) -> dict[str, list[str]]:
        """Which of the shop's sources bring each canonical entity: those with a model of that name."""
        found: dict[str, list[str]] = {}
        for source in self.shop.sources:
            folder = self.dbt_project_dir / "models" / "conformed" / source
            for model in sorted(folder.glob(f"cnf_{source}__*.sql")):
                found.setdefault(model.stem.removeprefix(f"cnf_{source}__"), []).append(source)
        return found

    @property
    def canonical_dir(self) -> Path:
        """The canonical entities: what models read, so always the project's own."""
        return self.project_root / "data_contracts" / "canonical"

    @property
    def score_tables(self) -> list[str]:
        """The tables in which models state how good they are: the output contracts named `*_scores`."""
        return sorted(path.name.split(".")[0] for path in self.outputs_dir.glob("*_scores.odcs.yaml"))

    @property
    def control_totals(self) -> dict[str, list[str]]:
        """The shop's raw tables, as `source.table`, whose control totals are money of each canonical entity, as their
        contracts say. Raises ContractError."""
        from pipelines.contracts.control_totals import control_totals
        from pipelines.contracts.odcs import load_source_contract

        return control_totals(load_source_contract(self.contract_file(s, t)) for s, t, _ in self.shop.raw_tables())

    @property
    def domains_off(self) -> frozenset[str]:
        """The domains that the shop file switches off."""
        return domains_off(self.shop.domains)

    @property
    def domain_settings(self) -> Mapping[str, Any]:
        """The settings of each domain that has some and is on: its frozen dataclass."""
        return domain_settings(self.shop_file, self.shop.domains)

    @property
    def dbt_vars(self) -> dict[str, Any]:
        """The vars of every dbt invocation; all of them come out of a checked shop file, none from a user's string.

        The settings of a domain are a var of its name. Raises SettingsError where that is one of the project's own, and
        ContractError where a source brings an entity that is not there, or a contract cannot be read.
        """
        from pipelines.contracts.canonical import canonical_columns  # 0.1 s, and few commands run dbt
        from pipelines.store.days.model_codes import ByName

        own = {
            "shop": self.shop.name,
            "time_zone": self.shop.time_zone,
            "currency": self.shop.currency,
            "sources": list(self.shop.sources),
            "entities": ByName(
                {
                    entity: {"sources": sources, "columns": canonical_columns(self.canonical_dir, entity)}
                    for entity, sources in self.conformed_entities.items()
                }
            ),
            "control_totals": ByName(self.control_totals),
            "score_tables": self.score_tables,
            "identical_lines": self.shop.identical_lines,
            "domains_off": sorted(self.domains_off),
        }
        settings = {name: dataclasses.asdict(values) for name, values in self.domain_settings.items()}
        if taken := sorted(own.keys() & settings.keys()):
            raise SettingsError(f"pipelines/domains/{taken[0]}: the project has a var of that name: rename the domain")
        return own | settings


def load_settings(
    shop: str | None = None, home: str | Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Settings for a shop (default `$ALMANAC_SHOP`, else that of the home) and a home (default `$ALMANAC_HOME`, else
    `.almanac/<shop>`). Without any of these the shop is that of the only home in `.almanac`, else online_retail.

    `$ALMANAC_SHOPS_DIR` and `$ALMANAC_CONTRACTS_DIR` name other folders of shop files and contracts,
    `$ALMANAC_MEMORY_LIMIT` and `$ALMANAC_THREADS` bound DuckDB, `$ALMANAC_MAX_RUNTIME_SECONDS` a run of the service.
    `$ALMANAC_PRIVACY_KEY` and `$ALMANAC_PRIVACY_KEY_ID` are the key that direct personal data is hashed with.
    Raises SettingsError.
    """
    name = shop or environment.get("ALMANAC_SHOP") or _shop_of_home(home, environment) or DEFAULT_SHOP
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is not a shop's name: give the stem of a file in shops/, such as online_retail")
    shop_file = shops_dir(environment) / f"{name}.yaml"
    memory_limit = environment.get("ALMANAC_MEMORY_LIMIT") or "2GB"
    if not _is_memory_limit(memory_limit):
        raise SettingsError(f"ALMANAC_MEMORY_LIMIT is {memory_limit!r}: give a size such as 2GB, at least 100MB")
    threads = environment.get("ALMANAC_THREADS") or "2"
    if not re.fullmatch(r"[1-9][0-9]{0,2}", threads):
        raise SettingsError(f"ALMANAC_THREADS is {threads!r}: give a whole number from 1 to 999, such as 2")
    max_runtime = environment.get("ALMANAC_MAX_RUNTIME_SECONDS") or str(MAX_RUNTIME_SECONDS)
    if not re.fullmatch(r"[1-9][0-9]{0,6}", max_runtime):
        raise SettingsError(f"ALMANAC_MAX_RUNTIME_SECONDS is {max_runtime!r}: give whole seconds, such as 21600")
    try:
        where = Path(home or environment.get("ALMANAC_HOME") or HOMES / name).expanduser()
        path = Path(os.path.abspath(where))  # noqa: PTH100 - keeps symlinks, unlike resolve()
    except (OSError, RuntimeError) as error:
        raise SettingsError(f"the home cannot be placed ({error}): give an absolute --home") from error
    if not str(path).isprintable() or "\\" in str(path):  # DuckDB takes \ for /
        told = ascii(str(path))[:300]
        raise SettingsError(f"the home {told} has a character that no path should have: give another --home")
    try:
        hash_key = parse_key(environment.get(KEY), environment.get(KEY_ID))
    except HashKeyError as error:
        raise SettingsError(str(error)) from None
    return Settings(
        shop=load_shop(shop_file),
        shop_file=shop_file,
        home=Home(path),
        memory_limit=memory_limit,
        threads=int(threads),
        contracts=contracts_dir(environment) if environment.get("ALMANAC_CONTRACTS_DIR") else None,
        hash_key=hash_key,
        max_runtime_seconds=int(max_runtime),
    )


def _shop_of_home(home: str | Path | None, environment: Mapping[str, str]) -> str | None:
    """The shop whose home is named or, when none is, is the only one there; None where that is not to be told."""
    named = home or environment.get("ALMANAC_HOME")
    try:
        markers = [Path(named).expanduser() / HOME_MARKER] if named else sorted(HOMES.glob(f"*/{HOME_MARKER}"))
        owners = {json.loads(marker.read_text())["shop"] for marker in markers if marker.is_file()}
    except (OSError, RuntimeError, ValueError, TypeError, LookupError):
        return None  # `Home.check` says what is wrong with it
    owner = owners.pop() if len(owners) == 1 else None
    is_known = isinstance(owner, str) and NAME.fullmatch(owner) and (shops_dir(environment) / f"{owner}.yaml").is_file()
    return owner if is_known else None


def shops_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the shop files."""
    return Path(environment.get("ALMANAC_SHOPS_DIR") or PROJECT_ROOT / "shops")


def contracts_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the contracts."""
    return Path(environment.get("ALMANAC_CONTRACTS_DIR") or PROJECT_ROOT / "data_contracts").absolute()


def _is_memory_limit(text: str) -> bool:
    """Whether DuckDB reads it as a size, and a refresh can live in it: below 100 MB DuckDB cannot even load a day."""
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([KMGT])i?B", text)
    return found is not None and float(found[1]) * 1000 ** "KMGT".index(found[2]) >= 100_000
