"""Is the compiled SQL of every model read alike by DuckDB and by Spark? `python -m linters.portable_sql`.

Belongs here: rules over compiled SQL, each with the macro or the form to use instead. Does not belong here: style
(sqlfluff), and whether Spark's own analysis accepts the SQL, which only Spark can tell.

sqlglot serves as tokenizer and parser alone. Its translation to Spark is no proof: it found none of four models that
Spark read otherwise, and warned of eleven that it read alike.
"""
