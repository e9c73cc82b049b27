"""Commands that add a part to the project: new domain, source, entity, mart, model, section, system, grade.

Does not belong here: what is written (pipelines.skeletons).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipelines.skeletons.project import Project
    from pipelines.skeletons.writing import Skeleton


class Given(click.ParamType[str]):
    """The name of a part that is there. An empty one is a variable of a script that is not set, and would be taken for
    an option that was left out."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: D102
        if not value.strip():
            self.fail(f"{value!r} is empty: give a name", param, ctx)
        return str(value)


def given(option: str, told: str, *, required: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that names a part."""
    return click.option(option, type=Given(), required=required, help=told)


DOMAIN = given("--domain", "The domain that it belongs to.")
SOURCE_TABLE = given("--table", "The table of the source. Default: its only one.", required=False)


@click.group(short_help="Add a domain, source, entity, mart, model, section, system or grade.")
def new() -> None:
    """Write the skeleton of a new part into this checkout of the project: it works as it is, and has its tests.

    No file that stands is edited; lines for a shop file are printed. Of one's own CSV files `almanac init` drafts the
    contracts. A command that was killed goes on when it is run again.
    """


@new.command()
@click.argument("name")
def domain(name: str) -> None:
    """A domain: its package, and that of its tests."""
    _add(lambda kinds, project: kinds.new_domain(project, name))


@new.command()
@click.argument("name")
@given("--entity", "The entity whose rows it tells: its table is named so, its columns as one of them.")
def source(name: str, entity: str) -> None:
    """A source with one table: its contract, and a test of its rules."""
    _add(lambda kinds, project: kinds.new_source(project, name, entity))


@new.command(short_help="An entity with a source's columns, and its fact.")
@click.argument("name")
@given("--source", "The source that brings it.")
@SOURCE_TABLE
def entity(name: str, source: str, table: str | None) -> None:
    """An entity with the columns of a source's table, its conformed model and its fact.

    Of an entity that is there already: the conformed model of one more source.
    """
    _add(lambda kinds, project: kinds.new_entity(project, name, source, table))


@new.command(short_help="A mart of amounts by day, and its published view.")
@click.argument("name")
@DOMAIN
@given("--entity", "The entity that it reads.")
def mart(name: str, domain: str, entity: str) -> None:
    """A mart: amounts of an entity by day and currency, and the view that publishes it."""
    _add(lambda kinds, project: kinds.new_mart(project, name, domain, entity))


@new.command(short_help="A model: a typical level with its interval.")
@click.argument("name")
@DOMAIN
@given("--mart", "The mart of the domain that it describes.")
def model(name: str, domain: str, mart: str) -> None:
    """A model: a typical level of a mart with its interval, from the pure function to the published table."""
    _add(lambda kinds, project: kinds.new_model(project, name, domain, mart))


@new.command(short_help="A section of the domain's page in the report.")
@click.argument("name")
@DOMAIN
@given("--table", "The published table that it draws. Default: the domain's first with amounts by day.", required=False)
def section(name: str, domain: str, table: str | None) -> None:
    """A section of the domain's page in the report, and the page where there is none."""
    _add(lambda kinds, project: kinds.new_section(project, name, domain, table))


@new.command(short_help="A system of the simulated shop.")
@click.argument("name")
@SOURCE_TABLE
def system(name: str, table: str | None) -> None:
    """A system of the simulated shop, which writes the drops of the source of its name."""
    _add(lambda kinds, project: kinds.new_system(project, name, table))


@new.command(short_help="A grade against the truth, and its fault.")
@click.argument("name")
@given("--system", "The system whose true rows it compares.")
@given("--table", "The published table that it looks at; it rests on the source of the system's name.")
def grade(name: str, system: str, table: str) -> None:
    """A grade: a published table of amounts by day against the truth, and the fault that must fail it."""
    _add(lambda kinds, project: kinds.new_grade(project, name, system, table))


def _add(plan: Callable[[ModuleType, Project], Skeleton]) -> None:
    """Write what is planned, and tell where, what was written and what comes next."""
    from pipelines.settings.environment import PROJECT_ROOT
    from pipelines.skeletons import kinds
    from pipelines.skeletons.project import Project
    from pipelines.skeletons.writing import write

    _need_own_checkout(PROJECT_ROOT)
    skeleton = plan(kinds, Project(PROJECT_ROOT))
    found = write(skeleton, PROJECT_ROOT)
    click.echo(f"in {PROJECT_ROOT}:")
    for path, was_written in found.items():
        click.echo(f"wrote {path}" if was_written else f"kept {path}, which stands as it would be written")
    if skeleton.reads:
        click.echo(f"it reads {skeleton.reads}")
    if skeleton.shop_lines:
        click.echo("in the shop file, shops/<shop>.yaml, below sources:")
    for line in skeleton.shop_lines:
        click.echo(line)
    click.echo("next:")
    for number, step in enumerate(skeleton.next_steps, 1):
        click.echo(f"  {number}. {step}")


def _need_own_checkout(root: Path) -> None:
    """Refuse where somebody stands in another checkout than that of this command: the part would be written elsewhere
    than where it is looked for."""
    from pipelines.skeletons.names import SkeletonError
    from pipelines.skeletons.project import ALMANAC, checkout_around

    other = checkout_around(Path.cwd())
    if other and not other.samefile(root):
        raise SkeletonError(
            f"this almanac adds to {root}, and {other} is another checkout: run {ALMANAC} there, or go to the first"
        )
