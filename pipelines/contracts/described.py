"""What dbt's YAML describes, wherever it lies below the folder of models: each model and each source's table once.

Belongs here: finding what is described twice, and tables that readers see and nothing describes. Does not belong: what
a description says (published.py), or how it is made (staging.py, conformed.py, dbt_sources.py, outputs.py).
dbt takes a file of either ending, at any depth, for one of its own, so a rule that looked beside a file alone would
let the next folder through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.contracts.dbt_text import dbt_yaml_files, is_generated, parse_dbt_yaml, text_of
from pipelines.contracts.errors import ContractError

# The files that make a model, and the names of those that readers see: of core, and of any folder.
MODEL_ENDINGS = (".sql", ".py")
CORE_TABLES, REPORTS = ("dim_", "fct_"), "rpt_"


def refuse_told_twice(generated: Mapping[Path, str], models: Path) -> None:
    """Beside a description of a model or of a raw table nothing else describes it: dbt would stop, with a message of
    its own, and of a published table one of the two would be the contract. `generated`: the text of each file that is
    to stand, those below `models` (dbt's folder of models) among them. Raises ContractError."""
    told: dict[str, Path] = {}
    # What is generated goes first: it stands, and whoever describes the same is to give way.
    texts = {path: text for path, text in generated.items() if path.suffix == ".yml"}
    for path in [*sorted(texts), *(path for path in dbt_yaml_files(models) if path not in texts)]:
        text = texts.get(path) or text_of(path)
        if path not in texts and is_generated(text):
            continue  # nothing asks for it any more: it goes
        for name in _described(parse_dbt_yaml(path, text)):
            if name in told:
                raise _twice(name, path.relative_to(models), told[name].relative_to(models), told[name] in texts)
            told[name] = path


def _described(content: Mapping[str, Any]) -> Iterator[str]:
    """The models, and the sources' tables as `schema.table`, that a file of dbt's describes."""
    yield from (str(model["name"]) for model in content.get("models") or [])
    for source in _mappings(content.get("sources")):
        yield from (f"{source.get('name')}.{table.get('name')}" for table in _mappings(source.get("tables")))


def _mappings(items: Any) -> list[Mapping[str, Any]]:
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _twice(name: str, path: Path, other: Path, is_made: bool) -> ContractError:
    remedy = "describe it in one of them"
    if is_made:
        remedy = "keep its unit tests alone, and begin the model's SQL with what a row is: {#- One row per ... -#}"
        remedy = remedy if "." not in name else "describe it in its contract alone"
    return ContractError(str(path), f"it describes {name}, and {other} does too", remedy)


def refuse_untold(models: Path, told: Collection[str]) -> None:
    """Every table that readers see is `told` by a YAML in the folder of its kind: without one it would have no
    contract, and lose the one that it had. Raises ContractError."""
    for path in sorted(path for path in models.rglob("*") if path.suffix in MODEL_ENDINGS):
        place = path.relative_to(models)
        is_core = place.parts[0] == "core" and path.stem.startswith(CORE_TABLES)
        if (is_core or path.stem.startswith(REPORTS)) and path.stem not in told:
            folder = "core/" if is_core else "published/<domain>/"
            raise ContractError(
                str(place),
                f"readers see it, and no YAML in {folder} describes it",
                f"describe it, its key and its columns in {folder}{path.stem}.yml",
            )
