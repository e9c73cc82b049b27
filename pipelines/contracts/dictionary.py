"""The data dictionary: contracts as pages for readers, generated so that they cannot fall behind.

Belongs here: rendering the pages of docs/data_dictionary, one per source, domain and entity, so that a new one changes
no page that stands. Does not belong: models that nobody outside reads, which dbt's own pages describe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.contracts.canonical import CanonicalEntity
from pipelines.contracts.contract import Column, DayRule, SourceContract
from pipelines.contracts.dbt_sources import RAW_META_COLUMNS
from pipelines.contracts.expression import to_sql
from pipelines.contracts.outputs import OutputContract
from pipelines.contracts.rules import row_checks

HEAD = """# {title}

Generated from data_contracts by `make contracts`; edit the contracts, not this page. How to read it: [data
dictionary](../README.md).
"""
PUBLISHED = "## Published tables\n\nWhat BI tools read. A shop has those that its sources bring rows for.\n"
STATEMENTS = "## Statements\n\nWhat models say at an as-of date; appended. Late data change no earlier one.\n"


def render_data_dictionary(
    contracts: Iterable[SourceContract],
    entities: Iterable[CanonicalEntity],
    outputs: Iterable[OutputContract],
    published: Iterable[Mapping[str, Any]],
) -> dict[str, str]:
    """Markdown pages by their path in the dictionary's folder: one per source (raw tables: columns, row rules, day
    rules), per domain (published tables, tables of statements), per canonical entity. `published`: contracts as
    `render_published` writes them."""
    pages: dict[str, list[str]] = {}

    def page(kind: str, name: str, title: str) -> list[str]:
        return pages.setdefault(f"{kind}/{name}.md", [HEAD.format(title=title)])

    for contract in contracts:
        page("sources", contract.source, f"Source {contract.source}: raw tables").append(_source_section(contract))
    for entity in entities:
        page("entities", entity.entity, f"Canonical entity {entity.entity}").append(_entity_section(entity))
    told: dict[str, tuple[list[str], list[str]]] = {}
    for table in published:
        told.setdefault(table["domain"], ([], []))[0].append(_published_section(table))
    for output in outputs:
        told.setdefault(output.domain, ([], []))[1].append(_output_section(output))
    for domain, parts in sorted(told.items()):
        sections = page("domains", domain, f"Domain {domain}")
        for head, tables in zip((PUBLISHED, STATEMENTS), parts, strict=True):
            sections += [head, *tables] if tables else []
    return {path: "\n".join(sections) for path, sections in pages.items()}


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(header: list[str], rows: list[list[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _published_section(contract: Mapping[str, Any]) -> str:
    [table] = contract["schema"]
    rows = []
    for column in table["properties"]:
        given = {entry["property"]: entry["value"] for entry in column["customProperties"]}
        kind = (f"`{column['name']}`", column["physicalType"], _yes(column["required"]), given["personalData"])
        rows.append([*kind, column["description"]])
    key = ", ".join(f"`{column['name']}`" for column in table["properties"] if column.get("primaryKey"))
    head = f"### {table['name']}\n\n{table['description']}\n\nContract version {contract['version']}; key: {key}.\n\n"
    return head + _table(["column", "type", "required", "personal data", "meaning"], rows)


def _source_section(contract: SourceContract) -> str:
    columns = [[f"`{c.name}`", c.sql_type, _yes(c.required), c.personal_data, c.description] for c in contract.columns]
    columns += [[f"`{name}`", kind.upper(), "yes", "none", text] for name, kind, text in RAW_META_COLUMNS]
    rules = [[f"`{check.rule_id}`", check.description, _detail(check)] for check in row_checks(contract)]
    days = [[f"`{rule.name}`", _effect(rule), rule.description, _bound(rule)] for rule in contract.day_rules]
    return "\n".join(
        [
            f"## raw.{contract.raw_table}\n\n{contract.description} {contract.row_description}",
            f"Contract version {contract.version}; row key: {', '.join(f'`{name}`' for name in contract.row_key)}.\n",
            _table(["column", "type", "required", "personal data", "meaning"], columns),
            "A row that breaks one of these rules is quarantined with the rule's name as reason:\n",
            _table(["rule", "broken when", "limit"], rules),
            "Measured once per arrival day; `blocks` keeps the whole day out:\n",
            _table(["rule", "effect", "meaning", "must be"], days),
        ]
    )


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _detail(check: Any) -> str:
    if check.bad is not None:
        return f"`{to_sql(check.bad)}`"
    column: Column = check.column
    written = {
        "pattern": column.pattern,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "local_time": column.zone,
    }
    lengths = {
        "min_length": column.min_length,
        "max_length": column.max_length,
        "type": column.format or column.sql_type,
    }
    limit = (written | lengths).get(check.kind)
    return "" if limit is None else f"`{limit}`"


def _effect(rule: DayRule) -> str:
    return "blocks" if rule.severity == "error" else "warns"


def _bound(rule: DayRule) -> str:
    return f"{rule.bound}{' %' if rule.percent else ''}"


def _entity_section(entity: CanonicalEntity) -> str:
    rows = [[f"`{column.name}`", column.type, column.description] for column in entity.columns]
    return (
        f"What every source's conformed model outputs. {entity.description}\n\n"
        + f"Contract version {entity.version}.\n\n"
        + _table(["column", "type", "meaning"], rows)
    )


def _output_section(contract: OutputContract) -> str:
    rows = [[f"`{c.name}`", c.type, _yes(c.required), c.description] for c in contract.all_columns]
    key = ", ".join(f"`{name}`" for name in contract.key)
    head = f"### {contract.schema}.{contract.table}\n\n{contract.description}\n\n"
    return f"{head}Contract version {contract.version}; key: {key}.\n\n" + _table(
        ["column", "type", "required", "meaning"], rows
    )
