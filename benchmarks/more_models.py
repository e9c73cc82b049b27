"""A copy of the project with many more models, to see what grows with their number.

Belongs here: copying and generating. Does not belong here: measuring (demo_shop.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.settings.environment import PROJECT_ROOT

# With the 87 models that the demo shop has these are 150, and 64 published tables.
CHAINS, LENGTH, PUBLISHED = 11, 3, 30
PARTS = ("pipelines", "simulator", "benchmarks", "dbt_project", "data_contracts", "shops")
NOT_COPIED = ("target", "logs", "__pycache__")

FIRST_OF_CHAIN = """
    select ordered_date as calendar_date, cast(count(*) as bigint) as n_rows
    from {{ ref('fct_orders') }} group by ordered_date
"""
FURTHER = "select calendar_date, n_rows + 1 as n_rows from {{{{ ref('{above}') }}}}\n"
DESCRIBED = """version: 2

models:
  - name: {name}
    description: One row per day with orders, generated.
    config:
      meta: {{key: &key [calendar_date]}}
    data_tests:
      - is_primary_key:
          arguments: {{columns: *key}}
    columns:
      - name: calendar_date
        data_type: date
        description: The day.
      - name: n_rows
        data_type: bigint
        description: How many.
"""


def larger_project(folder: Path) -> Path:
    """The project in `folder`, with chains of small tables over core and views over them that are published."""
    for part in PARTS:
        shutil.copytree(PROJECT_ROOT / part, folder / part, ignore=shutil.ignore_patterns(*NOT_COPIED))
    models = folder / "dbt_project" / "models"
    tables: list[str] = []
    for chain in range(CHAINS):
        for step in range(LENGTH):
            name = f"generated_{chain:02}_{step}"
            sql = FURTHER.format(above=tables[-1]) if step else FIRST_OF_CHAIN
            _write(models / "marts" / "sales", name, sql)
            tables.append(name)
    for place, above in enumerate(tables[:PUBLISHED]):
        name = f"rpt_sales_generated_{place:02}"
        _write(models / "published" / "sales", name, FURTHER.format(above=above))
    return folder


def _write(folder: Path, name: str, sql: str) -> None:
    (folder / f"{name}.sql").write_text(sql, encoding="utf-8")
    (folder / f"{name}.yml").write_text(DESCRIBED.format(name=name), encoding="utf-8")
