"""Read a published file with whatever DuckDB this interpreter has; run by test_old_clients.py, needs nothing else.

Prints one JSON object: DuckDB's version and, per table, its row count, comment and the sum or length of each column.
"""

import json
import sys

import duckdb

NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "DOUBLE", "FLOAT")


def figure(name, kind):
    """An expression that touches every value of a column and that all versions compute alike."""
    column = '"' + name.replace('"', '""') + '"'
    if kind.startswith(NUMBERS) and not kind.endswith("]"):
        return f"sum({column}::decimal(38, 4))::varchar"
    if kind.startswith("TIMESTAMP"):
        return f"sum(epoch_us({column}))::varchar"
    return f"sum(length({column}::varchar))::varchar"


def main(path):
    """Print what is in the file at `path`."""
    # Without this, version 1.0 looks on the network for anything it does not know.
    settings = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    con = duckdb.connect(path, read_only=True, config=settings)
    tables = {}
    for (table,) in con.execute("select table_name from duckdb_tables() order by 1").fetchall():
        quoted = '"' + table.replace('"', '""') + '"'
        columns = con.execute(
            "select column_name, data_type, comment from duckdb_columns() where table_name = ? order by 1", [table]
        ).fetchall()
        figures = ", ".join(figure(name, kind) for name, kind, _ in columns)
        count, *sums = con.execute(f"select count(*), {figures} from {quoted}").fetchall()[0]
        tables[table] = {"rows": count, "columns": {c[0]: [s, c[2]] for c, s in zip(columns, sums, strict=True)}}
    print(json.dumps({"version": duckdb.__version__, "tables": tables}))


if __name__ == "__main__":
    main(sys.argv[1])
