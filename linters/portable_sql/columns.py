"""Which column a name means: what each select has at hand, common table expressions and subqueries included.

Does not belong here: the kind of an expression (kinds.py), any rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from linters.portable_sql.kinds import Kind, kind_of

Key = frozenset[str]


@dataclass(frozen=True)
class Relation:
    """What is known of the rows of a relation: the kinds of its columns by name, and sets of names that are unique."""

    kinds: Mapping[str, Kind]
    keys: frozenset[Key] = frozenset()


NOTHING_KNOWN = Relation({})


class Columns:
    """The columns of a statement that reads the relations `reads`, by name."""

    def __init__(self, tree: exp.Expr, reads: Mapping[str, Relation]) -> None:
        # Select -> what it reads, by alias.
        self._at_hand: dict[int, dict[str, Relation]] = {}
        self._query(tree, reads)

    def kind(self, column: exp.Column) -> Kind:
        """The kind of a column where it stands: of its own select, else of one around it."""
        select = column.find_ancestor(exp.Select)
        while select is not None:
            at_hand = self._at_hand.get(id(select), {})
            named = [at_hand[column.table]] if column.table in at_hand else []
            for relation in named or ([] if column.table else at_hand.values()):
                if column.name in relation.kinds:
                    return relation.kinds[column.name]
            select = select.find_ancestor(exp.Select)
        return None

    def keys(self, select: exp.Select | None) -> frozenset[Key]:
        """Names of which a row of a select is known by one set: those that it groups by, else the keys of what it
        reads. A join that repeats rows goes unseen."""
        if select is None:
            return frozenset()
        if group := select.args.get("group"):
            return frozenset([frozenset(part.name for part in group.expressions)])
        return frozenset().union(*(relation.keys for relation in self._at_hand.get(id(select), {}).values()))

    def _query(self, query: exp.Expr, known: Mapping[str, Relation]) -> Relation:
        """Look into a query; what it gives."""
        for cte in query.ctes if isinstance(query, exp.Query) else []:
            known = {**known, cte.alias: self._query(cte.this, known)}
        if isinstance(query, exp.SetOperation):
            left, right = self._query(query.left, known), self._query(query.right, known)
            pairs = zip(left.kinds.items(), right.kinds.values(), strict=False)
            return Relation({name: _wider(kind, other) for (name, kind), other in pairs})
        if isinstance(query, exp.Subquery | exp.Paren):
            return self._query(query.this, known)
        return self._select(query, known) if isinstance(query, exp.Select) else NOTHING_KNOWN

    def _select(self, select: exp.Select, known: Mapping[str, Relation]) -> Relation:
        sources = [select.args.get("from_"), *(select.args.get("joins") or [])]
        at_hand: dict[str, Relation] = {}
        for source in (source.this for source in sources if source is not None):
            is_table = isinstance(source, exp.Table)
            given = known.get(source.name, NOTHING_KNOWN) if is_table else self._query(source, known)
            at_hand[source.alias_or_name] = given
        self._at_hand[id(select)] = at_hand
        for inner in select.find_all(exp.Query):
            if id(inner) not in self._at_hand and inner.find_ancestor(exp.Select) is select:
                self._query(inner, known)
        kinds = self._given(select, at_hand)
        return Relation(kinds, frozenset(key for key in self.keys(select) if key <= set(kinds)))

    def _given(self, select: exp.Select, at_hand: Mapping[str, Relation]) -> dict[str, Kind]:
        given: dict[str, Kind] = {}
        for projection in select.expressions:
            if projection.is_star:
                starred = [at_hand.get(projection.table, NOTHING_KNOWN)] if isinstance(projection, exp.Column) else None
                for relation in at_hand.values() if starred is None else starred:
                    given.update(relation.kinds)
            else:
                given[projection.alias_or_name] = kind_of(projection.unalias(), self.kind)
        return given


def _wider(left: Kind, right: Kind) -> Kind:
    """What a union makes of two kinds; null, which has none, takes the other's."""
    if "double" in (left, right):
        return "double"
    if None in (left, right):
        return left or right
    return left if left == right else None
