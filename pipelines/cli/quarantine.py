"""Commands about rows that were held back: quarantine list, show, repair, replay."""

from __future__ import annotations

import dataclasses
import datetime as dt
import getpass
import itertools
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import (
    Place,
    check_range,
    check_text,
    day_range,
    open_home,
    options_of,
    settings_of,
    shop_and_home,
    source_contracts,
)
from pipelines.terminal import counted, one_line

if TYPE_CHECKING:
    from pipelines.contracts.contract import SourceContract
    from pipelines.settings.environment import Settings


@click.group()
def quarantine() -> None:
    """Rows that the gate held back: see them, correct them, let them in.

    \b
    almanac quarantine list                       what is held back, by rule and day
    almanac quarantine show --export FILE.csv     the rows, in a file to correct
    almanac quarantine repair FILE.csv --why ...  record the corrected rows
    almanac quarantine replay                     judge them again and publish
    """


@quarantine.command("list", short_help="What is held back, by table, rule and day.")
@click.option("--by-day", is_flag=True, help="A line per day, not per rule.")
@click.option("--open", "only_open", is_flag=True, help="Without the rows that came right in a later file.")
@click.option("--table", "name", help="Only of this table, SOURCE.TABLE.")
@day_range
@shop_and_home
def list_rows(
    by_day: bool,
    only_open: bool,
    name: str | None,
    first: dt.date | None,
    last: dt.date | None,
    shop: str | None,
    home: Path | None,
) -> None:
    """Count the rows that are held back, and list the repairs made so far.

    A row that broke two rules counts under both. `blocked` rows stand in files of blocked days. Rows that came right
    in a later file, which brought the same key and was let in, need no repair.
    """
    from pipelines.store.arrivals.quarantine import counts
    from pipelines.store.arrivals.repairs import history

    check_range(first, last)
    settings = settings_of(shop, home)
    contracts = [_contract(settings, name)] if name else source_contracts(settings)
    with open_home(settings, "quarantine list") as con:
        found, made = counts(con, contracts, first, last), history(con)
    found = [held for held in found if held.name in {f"{c.source}.{c.table}" for c in contracts}]
    if only_open:
        left = (dataclasses.replace(held, rows=held.rows - held.came_right, came_right=0) for held in found)
        found = [held for held in left if held.rows]
    if not found:
        click.echo("nothing is held back" + (" that has not come right since" if only_open else ""))
    groups = itertools.groupby(
        sorted(found, key=lambda held: (held.name, held.rule, held.state, held.arrival_date)),
        key=lambda held: (held.name, held.rule, held.state, held.arrival_date if by_day else None),
    )
    for (table, rule, state, _), rows in groups:
        held = list(rows)
        days = f"{held[0].arrival_date}"
        if len(held) > 1:
            days += f" to {held[-1].arrival_date} ({len(held)} days)"
        right = sum(part.came_right for part in held)
        since = f"; {right:,} came right in a later file" if right else ""
        click.echo(f"{sum(part.rows for part in held):>9,}  {state:11}  {table}  {rule}  {days}{since}")
    for repair in made:
        if name and (repair.source, repair.table_name) != (contracts[0].source, contracts[0].table):
            continue
        rule = f"rule {repair.rule}, " if repair.rule else ""
        what = f"{rule}{counted(repair.row_count, 'row')}"
        wait = f"{counted(repair.waiting, 'row waits', 'rows wait')} for: almanac quarantine replay"
        state = wait if repair.waiting else "replayed"
        who = one_line(repair.made_by, 60)
        click.echo(
            f"repair {repair.repair_id} of {repair.source}.{repair.table_name}: {what}, by {who} "
            f"on {repair.made_at:%Y-%m-%d}: {one_line(repair.reason, 120)} ({state})"
        )


@quarantine.command(short_help="The rows that are held back, on the screen or in a file.")
@click.option("--table", "name", help="SOURCE.TABLE; needed where the shop has several.")
@click.option("--rule", help="Only rows that broke this rule.")
@click.option("--export", "target", type=Place(), help="Write them all into this CSV file.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Rows on the screen.")
@day_range
@shop_and_home
def show(
    name: str | None,
    rule: str | None,
    target: Path | None,
    limit: int,
    first: dt.date | None,
    last: dt.date | None,
    shop: str | None,
    home: Path | None,
) -> None:
    """Show rows as they were delivered, with the rules they broke, or write them into a file to correct."""
    from pipelines.sources.corrections import write_corrections
    from pipelines.store.arrivals.quarantine import counts, quarantined

    check_range(first, last)
    rule = check_text(rule, "--rule") if rule is not None else None
    settings = settings_of(shop, home)
    contract = _contract(settings, name)
    with open_home(settings, "quarantine show") as con:
        rows = quarantined(con, contract.source, contract.table, rule=rule, first=first, last=last)
        name = f"{contract.source}.{contract.table}"
        known = sorted({held.rule for held in counts(con, [contract]) if held.name == name})
    if not rows:
        others = f"; rules that hold rows back: {', '.join(known)}" if known else ""
        click.echo(f"no such row is held back{others}")
    elif target:
        written = write_corrections(
            target, contract.column_names, ((r.delivery_id, r.row_number, r.reasons, r.values) for r in rows)
        )
        click.echo(
            f"wrote {counted(written, 'row')} to {target}: correct them, take out the lines that stay as they are, then"
        )
        several = f" --table {contract.source}.{contract.table}" if len(settings.shop.raw_tables()) > 1 else ""
        click.echo(f"  almanac quarantine repair {shlex.quote(str(target))}{several}{options_of(settings)} --why '...'")
        if contract.direct_columns:
            told = "is shown as its hash: leave the hash to keep what was delivered, or write the right value over it"
            click.echo(f"  {', '.join(contract.direct_columns)} {told}")
    else:
        for row in rows[:limit]:
            values = ", ".join(f"{key}={value}" for key, value in row.values.items() if value is not None)
            click.echo(f"{row.delivery_id} row {row.row_number} {row.state}: {', '.join(row.reasons)}")
            click.echo(f"  {one_line(values, 500)}")
        if len(rows) > limit:
            click.echo(f"... and {counted(len(rows) - limit, 'more row')}: raise --limit or use --export")


@quarantine.command(short_help="Record corrected rows, or a changed rule.")
@click.argument("file", type=Place(), required=False)
@click.option("--rule", help="Instead of a file: the rule that was changed in the contract.")
@click.option("--table", "name", help="SOURCE.TABLE; needed where the shop has several.")
@click.option("--who", help="Who made the correction. Default: the name of your account.")
@click.option("--why", required=True, help="Why it is right.")
@shop_and_home
def repair(
    file: Path | None,
    rule: str | None,
    name: str | None,
    who: str | None,
    why: str,
    shop: str | None,
    home: Path | None,
) -> None:
    """Record a correction: FILE as `quarantine show --export` wrote it, corrected; or the rule that was changed.

    Nothing is edited in place: what was delivered stays, the correction is kept beside it with who and why. It takes
    effect with `almanac quarantine replay`. The file holds hashes of direct personal data: a hash that is left keeps
    the delivered value, any other text is the new value.
    """
    from pipelines.defs.keys import key_of_home
    from pipelines.sources.corrections import read_corrections
    from pipelines.store.arrivals import repairs
    from pipelines.store.arrivals.repair_files import CorrectedRow
    from pipelines.store.connection import transaction

    if (file is None) == (rule is None):
        raise click.UsageError("give either a file of corrected rows or --rule")
    by, why = check_text(who or getpass.getuser(), "--who"), check_text(why, "--why")
    settings = settings_of(shop, home)
    contract = _contract(settings, name)
    lines = read_corrections(file, contract.column_names) if file else []
    rows = [CorrectedRow(line.delivery_id, line.row_number, line.values, line.line) for line in lines]
    with open_home(settings, "quarantine repair") as con, transaction(con):
        if rule:
            number, count = repairs.record_rule(con, contract, rule, made_by=by, reason=why)
        else:
            zone, count = settings.shop.time_zone, len(rows)
            key, _ = key_of_home(settings, [contract])
            number = repairs.record_rows(
                con,
                contract,
                rows,
                made_by=by,
                reason=why,
                raw_dir=settings.home.raw,
                private_dir=settings.home.private,
                time_zone=zone,
                first_day=settings.shop.first_day,
                pads=key.pads if key else None,
            )
    click.echo(f"repair {number} recorded: {counted(count, 'row')} of {contract.source}.{contract.table}, by {by}")
    click.echo(f"  next: almanac quarantine replay{options_of(settings)}")


@quarantine.command(short_help="Judge repaired rows again and publish.")
@shop_and_home
def replay(shop: str | None, home: Path | None) -> None:
    """Load the days of all waiting repairs again, through the same gate, and publish: one run, to the newest day."""
    from pipelines.cli.runs import run_job
    from pipelines.store import ledger
    from pipelines.store.arrivals import repairs
    from pipelines.store.published.publication import current_version, read_manifest

    settings = settings_of(shop, home)
    with open_home(settings, "quarantine replay") as con:
        days = {
            day for source, table, _ in settings.shop.raw_tables() for day in repairs.waiting_days(con, source, table)
        }
        newest, batch = ledger.newest_arrival(con), ledger.last_batch(con)
    if newest is None:
        click.echo("no repair waits")
        return
    version = current_version(settings.home.published)
    is_behind = version is None or read_manifest(settings.home.published, version)["facts"]["batch_id"] != batch
    if not days and not is_behind:
        click.echo("no repair waits")
        return
    if not days:
        click.echo("no repair waits, but the published version does not have all that was loaded")
    first = min(days, default=newest)
    job = "backfill" if first < newest else "refresh"
    sys.exit(run_job(settings, job, first, newest, title="quarantine replay", asked=days))


def _contract(settings: Settings, name: str | None) -> SourceContract:
    from pipelines.contracts.odcs import load_source_contract

    tables = {f"{source}.{table}": (source, table) for source, table, _ in settings.shop.raw_tables()}
    if name is None and len(tables) > 1:
        raise click.UsageError(f"the shop has several tables: give --table, one of {', '.join(tables)}")
    chosen = name or next(iter(tables))
    by_table = [full for full in tables if full.endswith(f".{chosen}")]
    chosen = by_table[0] if len(by_table) == 1 else chosen
    if chosen not in tables:
        raise click.UsageError(f"{chosen[:80]!r} is no table of {settings.shop.name}: use {', '.join(tables)}")
    return load_source_contract(settings.contract_file(*tables[chosen]))
