"""How what several systems speak of is written: ids and money, in SQL over the simulator's numbers.

Belongs here: what more than one system writes. Does not belong here: ids of one system alone (its rows.py).
"""

from __future__ import annotations

ORDER_ID = "'O' || lpad((({}) + 1)::varchar, 10, '0')"
SKU_ID = "'SKU' || lpad((({}) + 1)::varchar, 5, '0')"
REFUND_ID = "'R' || lpad((row_number() over (order by r.refunded, r.i))::varchar, 10, '0')"
CENTS = "(({})::decimal(18, 4) / 100)::decimal(18, 2)"
E4 = "(({})::decimal(18, 4) / 10000)::decimal(18, 4)"
