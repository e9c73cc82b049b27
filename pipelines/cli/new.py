"""Commands that add a part to the project: new domain, source, entity, mart, model, section, system, grade.

Does not belong here: what is written (pipelines.skeletons).
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipelines.skeletons.project import Project
    from pipelines.skeletons.writing import Skeleton

DOMAIN = click.option("--domain", required=True, help="The domain that it belongs to.")
# As pipelines.skeletons.kinds.TABLE has it; said here too, so that help is given before anything is imported.
OWN_TABLE = click.option("--table", default="entries", show_default=True, help="The name of its one table.")


@click.group(short_help="Add a domain, source, entity, mart, model, section, system or grade.")
def new() -> None:
    """Write the skeleton of a new part into this checkout of the project: it works as it is, and has its tests.

    No file that stands is edited; lines for a shop file are printed. Of one's own CSV files `almanac init` drafts the
    contracts.
    """


@new.command()
@click.argument("name")
def domain(name: str) -> None:
    """A domain: its package, and that of its tests."""
    _add(lambda kinds, project: kinds.new_domain(project, name))


@new.command()
@click.argument("name")
@OWN_TABLE
def source(name: str, table: str) -> None:
    """A source with one table: its contract, and a test of its rules."""
    _add(lambda kinds, project: kinds.new_source(project, name, table))


@new.command(short_help="An entity with a source's columns, and its fact.")
@click.argument("name")
@click.option("--source", required=True, help="The source that brings it.")
@click.option("--table", help="The table of the source. Default: its only one.")
def entity(name: str, source: str, table: str | None) -> None:
    """An entity with the columns of a source's table, its conformed model and its fact.

    Of an entity that is there already: the conformed model of one more source.
    """
    _add(lambda kinds, project: kinds.new_entity(project, name, source, table))


@new.command(short_help="A mart of amounts by day, and its published view.")
@click.argument("name")
@DOMAIN
@click.option("--entity", required=True, help="The entity that it reads.")
def mart(name: str, domain: str, entity: str) -> None:
    """A mart: amounts of an entity by day and currency, and the view that publishes it."""
    _add(lambda kinds, project: kinds.new_mart(project, name, domain, entity))


@new.command(short_help="A model: a typical level with its interval.")
@click.argument("name")
@DOMAIN
@click.option("--mart", required=True, help="The mart of the domain that it describes.")
def model(name: str, domain: str, mart: str) -> None:
    """A model: a typical level of a mart with its interval, from the pure function to the published table."""
    _add(lambda kinds, project: kinds.new_model(project, name, domain, mart))


@new.command(short_help="A section of the domain's page in the report.")
@click.argument("name")
@DOMAIN
@click.option("--table", help="The published table that it draws. Default: the domain's first with amounts by day.")
def section(name: str, domain: str, table: str | None) -> None:
    """A section of the domain's page in the report, and the page where there is none."""
    _add(lambda kinds, project: kinds.new_section(project, name, domain, table))


@new.command(short_help="A system of the simulated shop.")
@click.argument("name")
@OWN_TABLE
def system(name: str, table: str) -> None:
    """A system of the simulated shop, which writes the drops of the source of its name."""
    _add(lambda kinds, project: kinds.new_system(project, name, table))


@new.command(short_help="A grade against the truth, and its fault.")
@click.argument("name")
@click.option("--system", required=True, help="The system whose true rows it compares.")
@click.option("--table", required=True, help="The published table that it looks at.")
def grade(name: str, system: str, table: str) -> None:
    """A grade: a published table of amounts by day against the truth, and the fault that must fail it."""
    _add(lambda kinds, project: kinds.new_grade(project, name, system, table))


def _add(plan: Callable[[ModuleType, Project], Skeleton]) -> None:
    """Write what is planned, and tell what was written and what comes next."""
    from pipelines.settings.environment import PROJECT_ROOT
    from pipelines.skeletons import kinds
    from pipelines.skeletons.project import Project
    from pipelines.skeletons.writing import write

    skeleton = plan(kinds, Project(PROJECT_ROOT))
    for path in write(skeleton, PROJECT_ROOT):
        click.echo(f"wrote {path}")
    if skeleton.shop_lines:
        click.echo("in the shop file, shops/<shop>.yaml, below sources:")
    for line in skeleton.shop_lines:
        click.echo(line)
    click.echo("next:")
    for number, step in enumerate(skeleton.next_steps, 1):
        click.echo(f"  {number}. {step}")
