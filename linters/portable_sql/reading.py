"""A model as the rules read it: tokens, tree, what is known of its names. Does not belong here: any rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import Token, exp
from sqlglot.dialects.duckdb import DuckDB

from linters.portable_sql.columns import Columns, Relation
from linters.portable_sql.kinds import Kind, kind_of, never_null

# Compiled SQL in which this is written in front of a reason may stand: `-- portable: rule-name: reason`.
EXCEPTION_MARK = "portable:"


class NullsSmall(DuckDB):
    """DuckDB's grammar with another default order of nulls: where two parses differ, none was written."""

    NULL_ORDERING = "nulls_are_small"


@dataclass(frozen=True)
class CompiledModel:
    """One model of one shop. `reads`: what is documented of each relation that it reads, by the relation's name; `path`
    is the file that `source` was read from."""

    name: str
    path: str
    source: str
    sql: str
    reads: Mapping[str, Relation]


@dataclass(frozen=True)
class Reading:
    """A compiled model, parsed. Raises sqlglot.errors.SqlglotError where it cannot be."""

    model: CompiledModel

    @cached_property
    def tokens(self) -> list[Token]:
        """All that is code: comments and white space are left out, a string is one token."""
        return list(sqlglot.tokenize(self.model.sql, dialect=DuckDB))

    @cached_property
    def tree(self) -> exp.Expr:
        """The whole statement."""
        return sqlglot.parse_one(self.model.sql, dialect=DuckDB)

    @cached_property
    def columns(self) -> Columns:
        """What the columns of each select are."""
        return Columns(self.tree, self.model.reads)

    def kind(self, node: exp.Expr | None) -> Kind:
        """The kind of an expression of the tree."""
        return kind_of(node, self.columns.kind)

    @cached_property
    def never_null(self) -> frozenset[str]:
        """Names that are null in no row: parts of a key, counts and the like."""
        named: dict[str, list[bool]] = {}
        for alias in self.tree.find_all(exp.Alias):
            named.setdefault(alias.alias, []).append(never_null(alias.this))
        keys = [key for relation in self.model.reads.values() for key in relation.keys]
        return frozenset(name for name, each in named.items() if all(each)).union(*keys)

    @cached_property
    def ordered_without_nulls(self) -> list[exp.Ordered]:
        """What is ordered by without a word on where nulls stand."""
        other = sqlglot.parse_one(self.model.sql, dialect=NullsSmall)
        pairs = zip(self.tree.find_all(exp.Ordered), other.find_all(exp.Ordered), strict=True)
        return [here for here, there in pairs if here.args.get("nulls_first") != there.args.get("nulls_first")]

    def comments(self) -> Iterator[tuple[int, str]]:
        """Line and text of each comment line. They lie between the tokens: no string is taken for one."""
        end, sql = 0, self.model.sql
        for start, after in [*((token.start, token.end + 1) for token in self.tokens), (len(sql), len(sql))]:
            line = sql.count("\n", 0, end) + 1
            for offset, text in enumerate(sql[end:start].split("\n")):
                if "--" in text:
                    yield line + offset, text.split("--", 1)[1].strip()
            end = after


def line_of(node: exp.Expr) -> int:
    """The first line of a part of the tree; the parser keeps the places of its words only."""
    return min((int(part.meta["line"]) for part in node.walk() if "line" in part.meta), default=1)
