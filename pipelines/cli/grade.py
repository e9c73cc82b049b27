"""The command grade: the pipeline scored against the answer key of a simulated shop.

Belongs here: handing the published version, the fates of all rows and the key to the graders. Does not belong here:
any measure (simulator.grading). Nothing else in the pipeline knows that there is a key.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import (
    EXIT_OTHER,
    EXIT_USAGE,
    SIMULATED,
    Place,
    fail,
    open_home,
    settings_of,
    shop_and_home,
    source_contracts,
)

if TYPE_CHECKING:
    from pipelines.settings.environment import Settings
    from simulator.grading.grades import Marks


@click.command(short_help="Score a simulated shop against its answer key.")
@click.option("--key", type=Place(), help="The key's folder. Default: <home>.key beside the home.")
@click.option("--pages", type=Place(), help="Write them as pages in Markdown into this folder, too.")
@shop_and_home
def grade(key: Path | None, pages: Path | None, shop: str | None, home: Path | None) -> None:
    """Score what the pipeline made of a simulated shop against what was planted: a table, grades.json in the home, and
    a page in the report. Exits with 1 when a bar does not hold."""
    settings = settings_of(shop or SIMULATED, home)
    if pages and not pages.is_dir():
        raise click.UsageError(f"--pages {pages}: there is no such folder")
    answers = key or key_of(settings.home.path)
    marks = grade_home(settings, answers)
    if pages:
        from simulator.grading.told import as_pages
        from simulator.key import read_key

        for name, text in as_pages(marks, read_key(answers).told).items():
            (pages / name).write_text(text, encoding="utf-8")
            click.echo(f"  page: {pages / name}")
    sys.exit(0 if marks.passed else EXIT_OTHER)


def key_of(home: Path) -> Path:
    """Where the answer key of a home lies: beside it, since the pipeline reads nothing outside its home."""
    return home.with_name(f"{home.name}.key")


def grade_home(settings: Settings, key: Path) -> Marks:
    """Grade the published version, print the table, write grades.json, draw the report anew."""
    from pipelines.defs.report import GRADES, redraw_reports
    from pipelines.defs.statements import all_statements, model_cards
    from pipelines.store.published.publication import PublicationError, current_version, damaged_files, read_manifest
    from simulator.arguments import SimulationError
    from simulator.grading import check_version, grade_version
    from simulator.grading.evidence import Version
    from simulator.grading.told import as_json, as_table
    from simulator.key import read_key

    if current_version(settings.home.published) is None:
        fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    current = (settings.home.published / "current").resolve()
    manifest = read_manifest(settings.home.published)
    if damaged := damaged_files(current, manifest):
        raise PublicationError(f"version {current.name} is damaged: {damaged[0]}; run almanac doctor --deep")
    scratch = Path(tempfile.mkdtemp(prefix="grade-", dir=settings.home.tmp))
    try:
        check_version(read_key(key), manifest["watermark"], _delivered(settings))
        version = Version(
            current / "marts.duckdb",
            _row_fates(settings, scratch),
            [(day["table"], day["day"]) for day in manifest["facts"]["open_days"]],
            _handed(settings, scratch, manifest["watermark"]),
        )
        marks = grade_version(version, key)
    except SimulationError as error:
        fail(str(error), EXIT_USAGE)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for line in as_table(marks):
        click.echo(f"  {line}".rstrip())
    file = settings.home.path / GRADES
    partial = file.with_suffix(".part")
    partial.write_text(as_json(marks.grades), encoding="utf-8")
    partial.replace(file)
    # Beside the version that was graded: the report of a later one must not show them.
    (current / "report").mkdir(exist_ok=True)
    shutil.copyfile(file, current / "report" / GRADES)
    passed = sum(item.passed for item in marks.grades)
    click.echo(f"  {passed} of {len(marks.grades)} grades pass: {file}")
    for page in redraw_reports(settings, model_cards(all_statements()), current):
        click.echo(f"  report: {settings.home.published / 'current' / 'report' / page.name}")
    return marks


def _delivered(settings: Settings) -> dict[str, set[str]]:
    """The fingerprints of the files that came, by path below the drops."""
    from pipelines.store.ledger import all_deliveries

    found: dict[str, set[str]] = {}
    with open_home(settings, "grade") as con:
        for source, table, _ in settings.shop.raw_tables():
            for entry in all_deliveries(con, source, table):
                path = f"{source}/{table}/{entry.arrival_date}/{entry.file_name}"
                found.setdefault(path, set()).add(entry.file_sha256)
    return found


def _handed(settings: Settings, folder: Path, watermark: str) -> dict[str, Path]:
    """Parquet files of the frames that grades need of models, by the names that the output contracts give
    (`gradedWith`), of the statements that the shop has; none while it is too young to learn from."""
    from pipelines.contracts.expression import text_literal
    from pipelines.contracts.outputs import load_output_contracts
    from pipelines.defs.graded import graded_functions
    from pipelines.defs.lineage import shop_lineage
    from pipelines.defs.manifest import held_manifest
    from pipelines.defs.statements import all_statements, reading_of
    from simulator.grading.evidence import LEAST_DAYS

    if (dt.date.fromisoformat(watermark) - settings.shop.first_day).days + 1 < LEAST_DAYS:
        return {}
    files = {}
    with open_home(settings, "grade") as con:
        there = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        contracts, as_of = load_output_contracts(settings.outputs_dir), dt.date.fromisoformat(watermark)
        lineage = shop_lineage(held_manifest(settings), contracts, all_statements(), settings.domains_off)
        stated = [statement for statement in lineage.statements if there.issuperset(statement.tables)]
        for name, (domain, statement, function) in graded_functions(contracts, stated).items():
            files[name] = folder / f"{name}.parquet"
            sources = lineage.sources_of(statement)
            con.register("graded", function(reading_of(settings, con, as_of, domain, sources=sources)))
            con.execute(f"copy graded to {text_literal(str(files[name]))} (format parquet)")
            con.unregister("graded")
    return files


def open_days_are_planted(marks: Marks) -> bool:
    """Whether every day that the version calls open is one that the simulator left open."""
    from simulator.capabilities.bad_and_late_data.grades import OPEN_DAY_MEASURE

    return all(item.passed for item in marks.grades if item.measure == OPEN_DAY_MEASURE)


def _row_fates(settings: Settings, folder: Path) -> Path:
    """A Parquet file with the fate of every delivered row."""
    from pipelines.contracts.expression import text_literal
    from pipelines.store.arrivals.fates import make_row_fates

    file = folder / "row_fates.parquet"
    with open_home(settings, "grade") as con:
        make_row_fates(con, source_contracts(settings))
        con.execute(f"copy row_fates to {text_literal(str(file))} (format parquet)")
    return file
