"""Direct personal data (names, addresses, numbers of a person): what becomes of a text before anything is stored.

Belongs here: the normal form, the keyed hash and the split as SQL, the rules of such columns judged on the delivered
text, what a contract may ask of such a column. Does not belong here: the key (pipelines.hash_keys), files
(pipelines.sources, pipelines.store.arrivals.private_files), which columns look personal (personal.py).
A delivered text is stored in the home's private folder alone. Everywhere else stands HMAC-SHA256 (RFC 2104) of its
normal form, as 64 hex digits, null where nothing was delivered; so rows, keys and duplicates are those of the hashed
row, and the same person is the same in every table and source of a home.
Normal form: blanks around it taken off, Unicode composed (NFC), lower case; and where digits stand with nothing but
`+ - . / ( )` and blanks between them, such as a telephone number, the digits alone. A country code is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from pipelines.contracts.contract import Column, SourceContract
from pipelines.contracts.expression import Expression, quoted, text_literal
from pipelines.contracts.place import Place
from pipelines.contracts.rules import RowCheck, bad_row_sql, row_checks

# The table or view that holds the delivered texts while they are judged: `_delivery_id, _row_number`, direct columns.
TEXTS = "delivered_texts"
ADDRESS = ("_delivery_id", "_row_number")
# A blank is also the no-break space of spreadsheets and the wide one of Chinese keyboards.
_BLANKS = "[\\s\\x{00a0}\\x{3000}]+"
_ONLY_NUMBER = "[0-9+()./\\-\\s\\x{00a0}\\x{3000}]*[0-9][0-9+()./\\-\\s\\x{00a0}\\x{3000}]*"


def normal_form(name: str) -> str:
    """SQL of the normal form of a column's text."""
    column = quoted(name)
    trimmed = f"regexp_replace({column}, '^{_BLANKS}|{_BLANKS}$', '', 'g')"
    return (
        f"case when regexp_full_match({column}, '{_ONLY_NUMBER}') then regexp_replace({column}, '[^0-9]', '', 'g') "
        f"else lower(nfc_normalize({trimmed})) end"
    )


def hashed(name: str) -> str:
    """SQL of the keyed hash of a column; $outer and $inner are the key's pads, so no statement holds the key.

    DuckDB has SHA-256 and no HMAC, so it is composed of two, as RFC 2104 defines it (measured on 2M texts of 17 bytes:
    1.4M per CPU second; Python's hmac.digest does 0.7M, without the way there and back).
    """
    inner = f"sha256($inner::blob || encode({normal_form(name)}))"
    return f"case when nullif({quoted(name)}, '') is not null then sha256($outer::blob || unhex({inner})) end"


def hashed_select(contract: SourceContract) -> str:
    """The contract's columns as they are stored: hashes of the direct ones, all others as they are."""
    direct = contract.direct_columns
    return ", ".join(
        f"{hashed(name)} as {quoted(name)}" if name in direct else quoted(name) for name in contract.column_names
    )


def private_select(contract: SourceContract) -> str:
    """The address of a row and its direct columns as they were delivered."""
    return ", ".join([*ADDRESS, *(quoted(name) for name in contract.direct_columns)])


def text_checks(contract: SourceContract) -> tuple[RowCheck, ...]:
    """The row rules of direct columns, which are judged on texts instead of hashes."""
    return tuple(check for check in row_checks(contract) if is_direct(check))


def is_direct(check: RowCheck) -> bool:
    """Whether the rule is of a direct column."""
    return check.column is not None and check.column.personal_data == "direct"


def judge_texts(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, landed: str, texts: duckdb.DuckDBPyConnection | None
) -> None:
    """Make the temporary table `broken_texts` (address, broken rules) in `con` of what `texts` sees in TEXTS.

    Only rule ids leave the connection `texts`. Raises ValueError where it has other rows than `landed` (quoted).
    """
    rows = con.execute(f"select count(*) from {landed}").fetchall()
    found = texts.execute(f"select count(*) from {TEXTS}").fetchall() if texts else None
    if texts is None or rows != found:
        raise ValueError(f"the texts of the direct columns of {contract.raw_table} are not those of its rows")
    names = ", ".join(f"nullif({quoted(name)}, '') as {quoted(name + '#text')}" for name in contract.direct_columns)
    named = [
        f"case when {bad_row_sql(check)} then {text_literal(check.rule_id)} end" for check in text_checks(contract)
    ]
    broken = texts.sql(
        f"select {', '.join(ADDRESS)}, reasons from (select {', '.join(ADDRESS)}, list_filter([{', '.join(named)}], "
        f"lambda reason: reason is not null) as reasons from (select {', '.join(ADDRESS)}, {names} from {TEXTS})) "
        "where len(reasons) > 0"
    ).to_arrow_table()
    con.execute(
        "create or replace temp table broken_texts (_delivery_id varchar, _row_number bigint, _broken varchar[])"
    )
    con.register("broken_texts_found", broken)
    con.execute("insert into broken_texts from broken_texts_found")
    con.unregister("broken_texts_found")


def check_direct_use(place: Place, contract: SourceContract) -> None:
    """Refuse what a hash cannot answer: a type other than text, and rules on more than whether and how often there is
    a value. Raises ContractError."""
    for number, column in enumerate(contract.columns):
        if column.personal_data == "direct" and not column.is_text:
            raise place.at(f"properties[{number}].physicalType").refuse(
                f"{column.name} is direct personal data, of which a hash is stored", "make it a string (VARCHAR)"
            )
    direct = set(contract.direct_columns)
    asked = [(rule.name, name) for rule in contract.row_rules for name in _compared(rule.bad) if name in direct]
    for rule in contract.day_rules:
        if rule.column in direct and rule.valid_values:
            asked.append((rule.name, str(rule.column)))
        if rule.aggregate is not None:
            asked += [(rule.name, name) for name in _compared(rule.aggregate) if name in direct]
    for rule_name, name in asked:
        raise place.at("quality").refuse(
            f"{rule_name} asks what stands in {name}, of which only a hash is stored",
            "ask whether it is null, count it, or use logicalTypeOptions, which are judged on the text",
        )


def _compared(node: Expression) -> Iterator[str]:
    """The columns whose value matters to the expression: not those that are only counted, or asked to be null."""
    children = [*node.args, *([node.where] if node.where else [])]
    if node.op == "column":
        yield str(node.value)
    for child in children:
        if not (child.op == "column" and node.op in ("is null", "is not null", "count")):
            yield from _compared(child)


def stored_class(column: Column) -> str:
    """The personal-data class of what is stored of a column: the hash of a direct one is a pseudonym."""
    return "pseudonym" if column.personal_data == "direct" else column.personal_data
