"""The compiled SQL of a shop's models, from dbt itself. No rule belongs here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linters.portable_sql.columns import Relation
from linters.portable_sql.kinds import MACROS, kind_of_type
from linters.portable_sql.reading import CompiledModel
from pipelines.settings.environment import Settings

# The one place for SQL that the engines read otherwise, below dbt_project/.
ENGINES = "macros/engines/"
_HEAD = re.compile(r"{%-?\s*macro\s+(?P<name>\w+)\s*\((?P<arguments>[^)]*)\)")


def compiled_models(settings: Settings) -> Iterator[CompiledModel]:
    """The models that the shop has, compiled against an empty warehouse in the settings' home. A call of a macro of
    macros/engines stands there as a function of its name. Raises RuntimeError where dbt cannot compile."""
    from pipelines.defs.dbt_build import failure_text, invoke
    from pipelines.defs.manifest import HeldManifest, held_manifest

    held = held_manifest(settings)
    # Its own copy: other users of this process' parse must get the macros as they are.
    parsed = HeldManifest(held.folder, held.code).parsed
    for macro in parsed.macros.values():
        if macro.original_file_path.startswith(ENGINES) and macro.name in MACROS:
            macro.macro_sql = _stand_in(macro.macro_sql)
    arguments = ["compile", "--no-write-json", "--select", "resource_type:model"]
    result = invoke(settings, settings.home.dbt / "target", arguments, parsed=parsed)
    if not result.success:
        raise RuntimeError(failure_text(result))
    for node in parsed.nodes.values():
        if node.resource_type == "model":
            yield _compiled(node, parsed, settings.dbt_project_dir)


def _stand_in(macro_sql: str) -> str:
    head = _HEAD.search(macro_sql)
    assert head is not None, macro_sql
    name, arguments = head["name"], head["arguments"]
    values = ", ".join("{{ " + argument.strip() + " }}" for argument in arguments.split(","))
    return f"{{% macro {name}({arguments}) %}}{name}({values}){{% endmacro %}}"


def _compiled(node: Any, parsed: Any, project: Path) -> CompiledModel:
    read = [parsed.nodes.get(name) or parsed.sources[name] for name in node.depends_on.nodes]
    reads = {each.identifier: _documented(each) for each in read}
    path = f"{project.name}/{node.original_file_path}"
    return CompiledModel(node.name, path, node.raw_code, node.compiled_code or "", reads)


def _documented(relation: Any) -> Relation:
    kinds = {name: kind_of_type(column.data_type or "") for name, column in relation.columns.items()}
    key = relation.config.meta.get("key")
    return Relation(kinds, frozenset([frozenset(key)]) if key else frozenset())
