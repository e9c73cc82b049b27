"""A shop has the models whose entities its sources bring: each model is switched on by just those that it stands on.

Read from the SQL itself, so for every shop at once; what dbt makes of it is seen in tests/defs/test_lineage.py.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
import yaml

from pipelines.settings.environment import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
SQL = {path.stem: path.read_text() for path in MODELS.rglob("*.sql")}
SHARED = [path.stem for part in ("core", "marts", "published") for path in MODELS.rglob(f"{part}/**/*.sql")]
# A part of a model that is left out where the entities are not there.
BRANCH = re.compile(r"{%-? if (?:has_entities\(([^)]*)\)|'(\w+)' in var\('entities'\)).*?{%-? endif", re.DOTALL)


def switched_on_by(sql: str) -> set[str]:
    found = re.search(r"config\(enabled=has_entities\(([^)]*)\)\)", sql)
    return set(re.findall(r"'(\w+)'", found[1])) if found else set()


@cache
def stands_on(model: str) -> frozenset[str]:
    """The entities without which the model cannot be built."""
    sql = BRANCH.sub("", SQL[model])
    if model.startswith(("cnf_", "stg_")):
        return frozenset()
    parents = (stands_on(name) for name in re.findall(r"ref\('(\w+)'\)", sql))
    return frozenset(re.findall(r"union_sources\('(\w+)'", sql)).union(*parents)


@pytest.mark.parametrize("model", SHARED)
def test_a_model_is_switched_on_by_the_entities_that_it_stands_on(model: str) -> None:
    assert switched_on_by(SQL[model]) == stands_on(model)


def test_an_exposure_is_there_where_its_tables_are() -> None:
    exposures = yaml.safe_load((MODELS / "exposures.yml").read_text())["exposures"]
    for exposure in exposures:
        needed: set[str] = set()
        needed = needed.union(*(stands_on(ref[5:-2]) for ref in exposure["depends_on"]))
        asked = exposure.get("config", {}).get("enabled", "").replace("var('entities')", "")
        assert set(re.findall(r"'(\w+)'", asked)) - {"in"} == needed, exposure["name"]


def test_what_is_known_of_every_shop_stands_on_no_entity() -> None:
    """Quality is told of whatever arrives."""
    quality = {path.stem for path in MODELS.glob("published/quality/*.sql")}
    assert quality and not any(stands_on(model) for model in quality)


def test_entities_are_asked_for_in_one_way() -> None:
    assert not [model for model, sql in SQL.items() if re.search(r"enabled='\w+' in var\('entities'\)", sql)]
