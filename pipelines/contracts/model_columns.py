"""The columns of a dbt model that somebody has written, as DuckDB understands its SQL: without dbt, which takes seconds
to import, and without a row.

Belongs here: rendering a model with the project's own macros, describing it over empty tables. Does not belong: which
tables a model may read, and what its columns have to be (staging.py, conformed.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.contracts.dbt_text import portable_type, text_of
from pipelines.contracts.errors import ContractError
from pipelines.contracts.expression import quoted

if TYPE_CHECKING:
    import jinja2

Columns = Sequence[tuple[str, str]]
"""Name and type of each column, DuckDB's or portable: it reads both."""
# Where the models that a model reads stand while it is described; a source's tables have a schema of their own.
MODELS = "models"


def columns_of(path: Path, sql: str, models: Path, tables: Mapping[tuple[str, str], Columns]) -> list[tuple[str, str]]:
    """Name and portable type of each column of the model at `path` below `models` (dbt's folder of models). `tables`:
    what it may read, by schema and name, models under MODELS. Raises ContractError where its SQL cannot be read."""
    try:
        rendered = _environment(tuple(_macros(models))).from_string(sql).render()
        with duckdb.connect() as con:
            for schema in sorted({schema for schema, _ in tables}):
                con.execute(f"create schema {quoted(schema)}")
            for (schema, name), columns in tables.items():
                told = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
                con.execute(f"create table {quoted(schema)}.{quoted(name)} ({told})")
            described = con.execute(f"describe {rendered}").fetchall()
    except ContractError:
        raise
    except Exception as error:  # a template may raise whatever its expressions do
        problem = (str(error) or type(error).__name__).splitlines()[0]
        raise ContractError(path.name, f"its columns cannot be read ({problem})", "correct the SQL") from error
    return [(str(name), portable_type(str(kind))) for name, kind, *_ in described]


def _macros(models: Path) -> Iterable[str]:
    return (text_of(file) for file in sorted((models.parent / "macros").rglob("*.sql")))


@lru_cache(maxsize=1)
def _environment(macros: tuple[str, ...]) -> jinja2.Environment:
    """What a model's SQL becomes what DuckDB gets in: the project's own macros, without dbt."""
    import jinja2

    class Adapter:
        @staticmethod
        def dispatch(name: str) -> object:
            return lambda *given: getattr(template.module, f"default__{name}")(*given)

    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    environment.globals.update(
        {
            "config": lambda **_: "",
            "source": lambda schema, table: f"{quoted(schema)}.{quoted(table)}",
            "ref": lambda model: f"{quoted(MODELS)}.{quoted(model)}",
            "var": lambda name: name,
            "return": lambda value: value,
            "adapter": Adapter,
        }
    )
    template = environment.from_string("\n".join(macros))
    environment.globals.update({name: value for name, value in vars(template.module).items() if callable(value)})
    return environment
