"""The command explain: on which deliveries a published number rests."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from pipelines.cli.options import EXIT_USAGE, fail, open_home, settings_of, shop_and_home, source_contracts
from pipelines.terminal import counted, one_line, told_once

MOST_FILES = 40


@click.command(short_help="On which files a published number rests.")
@click.argument("table")
@click.argument("key", nargs=-1)
@click.option("--all", "everything", is_flag=True, help=f"All files, not the first {MOST_FILES} only.")
@shop_and_home
def explain(table: str, key: tuple[str, ...], everything: bool, shop: str | None, home: Path | None) -> None:
    """Show a row of a published table, and every delivered file that it rests on: almanac explain TABLE COLUMN=VALUE.

    \b
    almanac explain rpt_sales_kpi_daily calendar_date=2011-12-05
    almanac explain fct_orders order_id=536365
    """
    from pipelines.store import ledger
    from pipelines.store.published import evidence
    from pipelines.store.published.publication import current_version, open_published, read_manifest

    settings = settings_of(shop, home)
    version = current_version(settings.home.published)
    if version is None:
        fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    manifest = read_manifest(settings.home.published, version)
    if table not in manifest["tables"]:
        near = get_close_matches(table, manifest["tables"], n=5, cutoff=0.4) or sorted(manifest["tables"])[:5]
        raise click.UsageError(f"{table[:80]!r} is no published table: did you mean {' or '.join(near)}?")
    given = {}
    for pair in key:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair[:80]!r} is no COLUMN=VALUE")
        if not value.isprintable():
            raise click.UsageError(f"{name[:80]}: the value {ascii(value)[:80]} is not printable")
        given[name] = value
    entry = manifest["tables"][table]
    with open_published(settings.home.published / "current") as con:
        row = evidence.find_row(con, table, entry["key"], given)
    with open_home(settings, "explain") as con:
        behind = evidence.deliveries_behind(con, settings.conformed_entities, entry["rests_on"], row)
        reads = entry.get("reads", ())
        missing = evidence.left_out(con, source_contracts(settings), entry["rests_on"], row, reads)
        is_older = ledger.last_batch(con) != manifest["facts"]["batch_id"]
    _print(table, version, manifest, row, entry)
    if is_older:
        click.echo("  the warehouse has been loaded since this version: what follows tells of the newer state")
    if entry["rests_on"].get("calendar"):
        click.echo(f"  rests on the calendar of {settings.shop_file.name} and the days that the shop has reached")
        return
    lines, apart = sum(file.lines for file in behind), sum(file.set_apart for file in behind)
    also = f", and {counted(apart, 'row')} counted in the accounts" if apart else ""
    files = counted(len(behind), "delivery", "deliveries")
    click.echo(f"  rests on {counted(lines, 'row')} of {files}{also}")
    if entry["rests_on"].get("history_of"):
        click.echo(f"  (its own lines, and all others of the same {entry['rests_on']['history_of']}, which place them)")
    for file in behind if everything else behind[:MOST_FILES]:
        run = f"run {file.run_id[:8]}" if file.run_id else "no run"
        repaired = f", rows of it mended by {', '.join(file.repairs)}" if file.repairs else ""
        place = f"{file.table}  {file.arrival_date}  {file.file_name}  sha256 {file.file_sha256[:12]}"
        origin = f"contract {file.contract_version}, batch {file.batch_id} ({run}){repaired}"
        click.echo(f"    {place}  {file.state}  {counted(file.lines or file.set_apart, 'row')}  {origin}")
    if len(behind) > MOST_FILES and not everything:
        click.echo(f"    ... and {len(behind) - MOST_FILES:,} more: give --all")
    for table_name, file_name, reason in missing.files:
        click.echo(f"  not in it: {table_name} {file_name}, refused: {one_line(reason, 200)}")
    for line in told_once(f"{name}: {one_line(reason, 200)}" for name, reason in missing.missing):
        click.echo(f"  not in it: {line}")
    if missing.beside:
        tables = ", ".join(missing.beside)
        click.echo(f"  beside it: of that day {tables} is not whole; no number of this row rests on it")
    if missing.rows:
        right = f"; {missing.came_right:,} more came right in a later file" if missing.came_right else ""
        which = f"naming {missing.order}" if missing.order else "of that day"
        click.echo(
            f"  not in it: {counted(missing.rows, 'row')} {which} in quarantine (almanac quarantine list){right}"
        )


def _print(table: str, version: str, manifest: dict[str, Any], row: dict[str, Any], entry: dict[str, Any]) -> None:
    place = " ".join(f"{name}={row[name]}" for name in entry["key"])
    click.echo(f"{table} {place} in {version}, data to {manifest['watermark']}")
    values = ", ".join(f"{name}={value}" for name, value in row.items() if name not in entry["key"])
    click.echo(f"  {one_line(values, 1500)}")
