"""What the toy shop delivers: rows in short, and calm days that every test starts from.

Belongs here: rows and days. Does not belong here: what must come of them (oracle.py).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from tests.engine.toy import Row, Toy, make_project
from tests.lean_runs import lean

FIRST = dt.date(2024, 3, 7)  # a Thursday: the first Sunday, on which the shop is closed, is the fourth day
DAYS = [FIRST + dt.timedelta(days=offset) for offset in range(6)]
THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY = DAYS


def sale(number: int, day: dt.date, line: int = 1, **changes: Any) -> Row:
    """A line of receipt `number`, printed at noon of the day."""
    told = {"customer_id": "C1", "product_id": "P1", "quantity": 1, "unit_price": "2.50"}
    return {"sale_id": f"S{number:03d}", "line_no": line, "sold_at": f"{day} 12:00:00", **told, **changes}


def order(number: int, day: dt.date, **changes: Any) -> Row:
    """A version of order `number`, placed at one o'clock of the day."""
    moment = f"{day} 13:00:00"
    told = {"customer_id": "C2", "email": "ada@example.org", "status": "placed"}
    return {"order_id": f"W{number:03d}", "updated_at": moment, "ordered_at": moment, **told, **changes}


def line(number: int, day: dt.date, line_no: int = 1, **changes: Any) -> Row:
    """A line of order `number`."""
    told = {"product_id": "P2", "quantity": 2, "unit_price": "3.00"}
    return {"order_id": f"W{number:03d}", "line_no": line_no, "ordered_at": f"{day} 13:00:00", **told, **changes}


def calm_sales(day: dt.date) -> list[Row]:
    """Two receipts of a calm day, one of two lines."""
    number = day.day
    return [sale(number, day), sale(number, day, 2, product_id="P2"), sale(100 + number, day, customer_id="C3")]


def calm(toy: Toy, *days: dt.date) -> Toy:
    """Let calm days arrive: three lines at the till and an order of two on the web; nothing on Sundays."""
    for day in days:
        if toy.settings.shop.calendar.is_open(day):
            toy.put("till.sales", day, calm_sales(day))
            toy.put("web.orders", day, [order(day.day, day)])
            toy.put("web.lines", day, [line(day.day, day), line(day.day, day, 2, product_id="P1")])
    return toy


def calm_home(folder: Path) -> None:
    """The project in `folder/project`, and in `folder/home` Thursday to Sunday as calm days, loaded in one run."""
    toy = calm(Toy.make(make_project(folder / "project"), folder / "home"), *DAYS[:4])
    with lean():
        assert toy.run("backfill", THURSDAY, SUNDAY).success
