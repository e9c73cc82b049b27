"""dbt's project as text: descriptions that its models share, the words of a model of its own, the YAML of models.

Belongs here: what the generators of several folders read and write alike, without importing dbt (seconds). Does not
belong: what a folder's models are made of (staging.py, conformed.py, published.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.contracts.errors import ContractError
from pipelines.contracts.expression import quoted

SHARED_TEXT = re.compile(r"{% *docs +(\w+) *%}(.*?){% *enddocs *%}", re.DOTALL)
# What a model says of itself: the Jinja comment that its file begins with.
OWN_WORDS = re.compile(r"\s*{#-?(.*?)-?#}", re.DOTALL)
# The first lines of whatever `make contracts` writes hold this; what does not is somebody's own work.
GENERATED = re.compile(r"Generated from [\w/ ]+ by `make contracts`")
HEAD = 300
PORTABLE = {"VARCHAR": "string"}


@dataclass(frozen=True)
class ModelColumn:
    """A column of a dbt model; `type` is portable (string, decimal(18, 4), ...)."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Model:
    """A dbt model as its YAML tells it."""

    name: str
    description: str
    columns: tuple[ModelColumn, ...]


def render_models(header: str, models: Iterable[Model]) -> str:
    """dbt's YAML of the models, `header` (a comment) before it."""
    told = [
        {
            "name": model.name,
            "description": model.description,
            "columns": [
                {"name": column.name, "data_type": column.type, "description": column.description}
                for column in model.columns
            ],
        }
        for model in models
    ]
    document = {"version": 2, "models": told}
    return header + yaml.dump(document, sort_keys=False, width=110, allow_unicode=True)


def text_of(file: Path) -> str:
    """The text of a file of the project that somebody has written. Raises ContractError where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ContractError(file.name, "the file is not UTF-8", "save it as UTF-8") from error
    except OSError as error:
        raise ContractError(str(file), f"it cannot be read ({error.strerror})", "put a readable file there") from error


def dbt_yaml_files(models: Path) -> list[Path]:
    """Whatever dbt reads as YAML below its folder of models: files of both endings, however deep they lie."""
    return sorted(path for ending in ("*.yml", "*.yaml") for path in models.rglob(ending))


def read_dbt_yaml(file: Path) -> dict[str, Any]:
    """dbt's YAML of models; unlike a contract it may use anchors. Raises ContractError where it is none."""
    return parse_dbt_yaml(file, text_of(file))


def parse_dbt_yaml(file: Path, text: str) -> dict[str, Any]:
    """The same of a text that stands in the file, or is going to. Raises ContractError."""
    try:
        content = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # ValueError: a day that is in no calendar
        raise ContractError(file.name, f"not readable as YAML ({error})", "correct the YAML") from error
    models = (content.get("models") or []) if isinstance(content, dict) else None
    if not isinstance(models, list) or not all(isinstance(model, dict) and model.get("name") for model in models):
        raise ContractError(file.name, "its models are no list of mappings with a name", "correct the YAML")
    return content


def shared_texts(models: Path) -> dict[str, str]:
    """Descriptions that several models share, by name: the `docs` blocks of the folder's Markdown files."""
    return {
        name: " ".join(text.split())
        for file in sorted(models.rglob("*.md"))
        for name, text in SHARED_TEXT.findall(text_of(file))
    }


def shared(name: str) -> str:
    """The reference to a shared description."""
    return f'{{{{ doc("{name}") }}}}'


def own_words(sql: str) -> str:
    """What a model says of itself before its SQL, on one line; empty where it begins with no comment of Jinja."""
    found = OWN_WORDS.match(sql)
    return " ".join(found[1].split()) if found else ""


def without_own_words(sql: str) -> str:
    """The rest of a model, on one line: what it does, however it is laid out."""
    found = OWN_WORDS.match(sql)
    return " ".join(sql[found.end() if found else 0 :].split())


def is_generated(text: str) -> bool:
    """Whether a file of this text is one that `make contracts` wrote."""
    return bool(GENERATED.search(text[:HEAD]))


def portable_type(sql_type: str) -> str:
    """A type of DuckDB's as models name it: VARCHAR -> string, DECIMAL(18,4) -> decimal(18, 4)."""
    return PORTABLE.get(sql_type, re.sub(r", *", ", ", sql_type.lower()))


def as_written(name: str) -> str:
    """A column as models write it: plain where it can be, because engines quote names differently."""
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name, re.ASCII | re.IGNORECASE) and not is_reserved(name)
    return name if is_plain else quoted(name)


def is_reserved(name: str) -> bool:
    """Whether the name is a word of SQL's own."""
    return name.lower() in _reserved()


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    with duckdb.connect() as con:
        rows = con.execute("select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'")
        return frozenset(str(name) for (name,) in rows.fetchall())
