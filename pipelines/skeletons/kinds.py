"""The kinds of what can be added: what each stands on, what its templates are filled with, what comes next.

Belongs here: one function per kind, from a checkout and names to a Skeleton. Does not belong here: the text of any file
(templates/), writing (writing.py), the lines of an entity (columns.py).
Each raises SkeletonError where the name cannot be given or what it stands on is not there.
"""

from __future__ import annotations

from dataclasses import replace

from pipelines.skeletons.columns import entity_blocks, lines_of_source
from pipelines.skeletons.names import SkeletonError, check_name, singular
from pipelines.skeletons.project import ALMANAC, Daily, Project
from pipelines.skeletons.standing import is_left
from pipelines.skeletons.writing import Skeleton

# What an entity has once, whichever sources bring it, and what it has of each.
OF_A_NEW_ENTITY = (
    "data_contracts/canonical/my_entity.yaml",
    "dbt_project/models/core/fct_my_entity.sql",
    "dbt_project/models/core/fct_my_entity.yml",
)
OF_A_SOURCE = ("dbt_project/models/conformed/my_source/cnf_my_source__my_entity.sql",)
CONTRACTS = "make contracts"
PYTEST = ".venv/bin/python -m pytest"
# Fails while a text says SKELETON.
TEXTS = "tests/reporting/test_texts.py"
EVERY_DAY = f"{ALMANAC} refresh --shop <shop>"
# A row of a skeleton's source beside its own key and amount, in the file's order around them.
MOMENT, ARTICLE, CURRENCY = "occurred_at", "product_id", "amount_currency"


def new_domain(project: Project, name: str) -> Skeleton:
    """A domain: the package that it is found by."""
    check_name("domain", name)
    return Skeleton(
        "domain",
        {"domain": name},
        next_steps=[
            f"say in pipelines/domains/{name}/__init__.py which questions it answers",
            f"{ALMANAC} new source <source> --entity <entity>  # where no entity tells yet of what it is about",
            f"{ALMANAC} new entity <entity> --source <source>  # the same",
            f"{ALMANAC} new mart <mart> --domain {name} --entity <entity>",
        ],
    )


def new_source(project: Project, name: str, entity: str) -> Skeleton:
    """A source with one table, named as the entity whose rows it tells: its contract, and a test of its rules."""
    check_name("source", name)
    check_name("entity", entity, "--entity")
    one = singular(entity)
    if len({*columns_of(one)}) < len(columns_of(one)):
        raise SkeletonError(
            f"--entity {entity!r} names its key {one}_id, which the skeleton's rows have already: choose another name"
        )
    return Skeleton(
        "source",
        {"source": name, "table": entity, "one": one, "personal": project.personal(f"{one}_id")},
        shop_lines=_source_lines(name, entity),
        next_steps=[
            f"settle the lines of data_contracts/sources/{name}/{entity}.odcs.yaml that say SKELETON",
            CONTRACTS,
            f"{PYTEST} tests/contracts/{name}",
            f"{ALMANAC} new entity {entity} --source {name}",
        ],
    )


def new_entity(project: Project, name: str, source: str, table: str | None) -> Skeleton:
    """An entity with the columns of a source's table, and its fact; of an entity that is there already, what this
    source brings of it: columns of the same name, null for the others."""
    check_name("entity", name)
    contract = project.contract(source, table)
    names, blocks = entity_blocks(contract)
    added = Skeleton(
        "entity",
        {"entity": name, "source": source, "table": contract.table, **names},
        blocks,
        reads=f"{source}.{contract.table}",
        next_steps=[CONTRACTS, f"{ALMANAC} new mart <mart> --domain <domain> --entity {name}"],
    )
    standing = project.canonical(name)
    if standing is None or is_left(replace(added, without=OF_A_SOURCE), project.root):
        return added
    blocks, missing = lines_of_source(contract, standing.columns)
    file = f"dbt_project/models/conformed/{source}/cnf_{source}__{name}.sql"
    lacking = [f"say in {file} what the source tells of {', '.join(missing)}: null so far"] if missing else []
    return replace(added, blocks=blocks, next_steps=[*lacking, *added.next_steps], without=OF_A_NEW_ENTITY)


def new_mart(project: Project, name: str, domain: str, entity: str) -> Skeleton:
    """A mart of a domain: amounts of an entity by day and currency, and the view that publishes it."""
    check_name("mart", name)
    project.need_domain(domain)
    fact = project.core_table(entity)
    told = project.daily(fact, counted=False)
    return Skeleton(
        "mart",
        {"mart": name, "domain": domain, "entity": entity, "fact": fact, "day": told.day, "amount": told.amount},
        reads=f"{fact}: {told.day}, {told.amount}, {told.currency}",
        next_steps=[
            CONTRACTS,
            EVERY_DAY,
            f"{ALMANAC} new model <model> --domain {domain} --mart {name}",
            f"{ALMANAC} new section <section> --domain {domain} --table rpt_{domain}_{name}",
        ],
    )


def new_model(project: Project, name: str, domain: str, mart: str) -> Skeleton:
    """A model of a domain that describes a mart: its function, statement, output contract, view and test."""
    check_name("model", name)
    project.need_domain(domain)
    known = project.names(f"dbt_project/models/marts/{domain}", ".sql")
    project.need("--mart", "mart", mart, known, f"{ALMANAC} new mart <mart> --domain {domain} --entity <entity>")
    entity = project.entity_of(mart)
    told, of_entity = project.daily(mart, counted=False), project.daily(project.core_table(entity), counted=False)
    names = {"model": name, "domain": domain, "mart": mart, "entity": entity, "amount": told.amount, "day": told.day}
    return Skeleton(
        "model",
        {**names, "dated": of_entity.day},
        reads=f"marts.{mart}: {told.day}, {told.amount}, {told.currency}",
        next_steps=[CONTRACTS, f"{PYTEST} tests/domains/{domain}/test_{name}.py", EVERY_DAY],
    )


def new_section(project: Project, name: str, domain: str, table: str | None) -> Skeleton:
    """A section of a domain's page, on a published table of it; and the page where there is none."""
    check_name("section", name)
    project.need_domain(domain)
    report = f"pipelines/domains/{domain}/report"
    # Links address a section by its name alone, whichever page has it.
    told = f"there is a section {name!r}"
    project.need_unsaid(rf'"{name}\.title"', "pipelines/domains/*/report", told, f"{report}/{name}/texts.py")
    published, daily = _daily_table(project, domain, table)
    return Skeleton(
        "section",
        {"section": name, "domain": domain, "published": published, **_told(daily)},
        reads=f"{published}: {daily.day}, {daily.count}, {daily.amount}, {daily.currency}",
        next_steps=[
            f"write the texts below {report}/ that say SKELETON",
            f"{PYTEST} tests/domains/{domain}/report {TEXTS}",
            f"{ALMANAC} refresh --shop <shop>  # publishes {published}, and draws the report",
            f"{ALMANAC} report --shop <shop>",
        ],
    )


def new_system(project: Project, name: str, table: str | None) -> Skeleton:
    """A system of the simulated shop: it writes the drops of a table of the source of its name."""
    check_name("system", name)
    contract = project.contract(name, table, "NAME")
    one = singular(contract.table)
    if [column.name for column in contract.columns] != columns_of(one):
        raise SkeletonError(
            f"the contract of {name}.{contract.table} has other columns than the skeleton of a system writes "
            f"({', '.join(columns_of(one))}): write yours as simulator/systems/warehouse is"
        )
    return Skeleton(
        "system",
        {"system": name, "table": contract.table, "one": one},
        reads=f"the contract of {name}.{contract.table}",
        shop_lines=_source_lines(name, contract.table),
        next_steps=[
            f"{PYTEST} tests/simulator/systems/{name} tests/simulator/test_grading.py",
            f"{ALMANAC} demo --home <new folder>  # a shop that was begun without the system has no files of it",
            f"{ALMANAC} new grade <grade> --system {name} --table <published table>",
        ],
    )


def new_grade(project: Project, name: str, system: str, table: str) -> Skeleton:
    """A grade of a system: a published table of amounts by day against the true rows of the system's one table."""
    check_name("grade", name)
    known = project.names("simulator/systems")
    project.need("--system", "system", system, known, f"{ALMANAC} new system <source>")
    truth, amount = project.true_amounts(system)
    told = _of_system(project, name, system, table)
    return Skeleton(
        "grade",
        {"grade": name, "system": system, "published": table, "truth": truth, "paid": amount, **_told(told)},
        reads=f"{table}: {told.day}, {told.count}, {told.amount}, {told.currency}; of the key {truth}: {amount}",
        next_steps=[
            f"write the texts of simulator/systems/{system}/grades_{name}.py that say SKELETON",
            f"{PYTEST} tests/simulator/test_grading.py {TEXTS}",
            f"{ALMANAC} demo --home <new folder>",
        ],
    )


def columns_of(one: str) -> list[str]:
    """The columns of a skeleton's source, whose row is `one`, in the file's order."""
    return [f"{one}_id", MOMENT, ARTICLE, f"{one}_amount", CURRENCY]


def _of_system(project: Project, grade: str, system: str, table: str) -> Daily:
    """By which columns a published table tells of days, where its rows follow from the source of a system's name and
    no other grade looks at it."""
    resting = project.published(where=lambda one: project.rests_on(one, system))
    known = [one for one, _ in project.first_daily(resting)]
    instead = f"give one of them, or add a mart of an entity that {system} brings ({ALMANAC} new mart)"
    project.need("--table", f"published table of amounts by day that rests on the source {system},", table, known,
                 instead)  # fmt: skip
    words, faults = grade.replace("_", " "), f"tests/simulator/systems/{system}/faults_{grade}.py"
    own = f"simulator/systems/{system}/grades_{grade}.py"
    project.need_unsaid(rf'Capability\(\s*"{words}"', "simulator", f"there is a grade {grade!r}", own)
    project.need_unsaid(f'"{table}":', "tests/simulator", f"--table {table!r} is graded", faults)
    return project.daily(table, counted=True)


def _source_lines(source: str, table: str) -> list[str]:
    return [f"  {source}:", f"    {table}: {{}}"]


def _told(told: Daily) -> dict[str, str]:
    return {"day": told.day, "count": told.count or "", "amount": told.amount}


def _daily_table(project: Project, domain: str, table: str | None) -> tuple[str, Daily]:
    """The published table of a domain that is named, or the first that tells of days; by which columns it does."""
    known = project.published(domain)
    if table is not None:
        project.need("--table", "published table", table, known, f"give one of the domain {domain}")
        return table, project.daily(table, counted=True)
    if first := next(project.first_daily(known), None):
        return first
    raise SkeletonError(
        f"the domain {domain} publishes no amounts by day: "
        f"{ALMANAC} new mart <mart> --domain {domain} --entity <entity>"
    )
