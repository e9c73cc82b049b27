"""The two ways this package says no. Belongs here: exception types only. Does not belong: any checking."""

from __future__ import annotations


class ContractError(ValueError):
    """A contract file cannot be used. The message is one line: what, where (file and field path), what to do."""

    def __init__(self, where: str, what: str, remedy: str) -> None:
        """`where` names file and field (`transactions.odcs.yaml: schema[0].properties[2]`), `remedy` is an order."""
        self.where, self.what, self.remedy = where, " ".join(what.split()), remedy
        super().__init__(f"{where}: {self.what}; {remedy}")


class GateDisagreement(RuntimeError):
    """SQL and Great Expectations counted differently: one of them is wrong, so nothing may be published."""

    def __init__(self, differences: dict[str, tuple[int, int]]) -> None:
        """`differences` maps a rule id to (count in SQL, count in Great Expectations)."""
        self.differences = differences
        parts = ", ".join(f"{rule}: SQL {sql}, expectations {gx}" for rule, (sql, gx) in sorted(differences.items()))
        super().__init__(f"the gate's two engines count broken rules differently ({parts}); nothing is published")
