"""A shop must have the entities that core reads; which ones it has follows from the models of its sources."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pipelines.contracts.errors import ContractError
from pipelines.defs.raw import NEEDED_ENTITIES, check_entities
from pipelines.settings.environment import PROJECT_ROOT, Settings, load_settings
from pipelines.settings.shop import SourceTable

SETTINGS = load_settings("online_retail", "/nowhere", environment={})
CORE = PROJECT_ROOT / "dbt_project" / "models" / "core"


def shop_of(*sources: str) -> Settings:
    shop = SETTINGS.shop.model_copy(update={"sources": {source: {"any": SourceTable()} for source in sources}})
    return dataclasses.replace(SETTINGS, shop=shop)


@pytest.mark.parametrize("sources", [("online_retail",), ("storefront", "warehouse"), ("warehouse", "online_retail")])
def test_sources_may_bring_them_together(sources: tuple[str, ...]) -> None:
    check_entities(shop_of(*sources))


@pytest.mark.parametrize("sources", [("warehouse",), ("unheard_of",)])
def test_a_shop_without_them_is_told_which_model_is_missing(sources: tuple[str, ...]) -> None:
    with pytest.raises(ContractError, match=r"none brings customers; write .*/cnf_<source>__customers\.sql for one"):
        check_entities(shop_of(*sources))


def test_just_the_needed_ones_are_read_without_asking(tmp_path: Path) -> None:
    """Core's models of all other entities are switched off where nobody brings them."""
    unasked = set()
    for path in CORE.glob("*.sql"):
        text = path.read_text()
        unasked |= {
            entity
            for part in text.split("union_sources('")[1:]
            if (entity := part.split("'")[0]) and f"enabled='{entity}' in var('entities')" not in text
        }
    assert unasked == set(NEEDED_ENTITIES)
