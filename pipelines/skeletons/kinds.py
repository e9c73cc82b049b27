"""The kinds of what can be added: what each stands on, what its templates are filled with, what comes next.

Belongs here: one function per kind, from a checkout and names to a Skeleton. Does not belong here: the text of any file
(templates/), writing (writing.py), the lines of an entity (columns.py).
Each raises SkeletonError where the name cannot be given, is taken, or what it stands on is not there.
"""

from __future__ import annotations

from pipelines.skeletons.columns import entity_blocks, lines_of_source
from pipelines.skeletons.names import SkeletonError, check_name
from pipelines.skeletons.project import Daily, Project
from pipelines.skeletons.writing import Skeleton

# The one table of a skeleton's source and system.
TABLE = "entries"
# What an entity has once, whichever sources bring it.
OF_A_NEW_ENTITY = (
    "data_contracts/canonical/my_entity.yaml",
    "dbt_project/models/core/fct_my_entity.sql",
    "dbt_project/models/core/fct_my_entity.yml",
)
CONTRACTS = "make contracts"
EVERY_DAY = "almanac refresh --shop <shop>"


def new_domain(project: Project, name: str) -> Skeleton:
    """A domain: the package that it is found by."""
    check_name("domain", name)
    project.need_free("domain", name, "pipelines/domains")
    return Skeleton(
        "domain",
        {"domain": name},
        next_steps=[f"almanac new mart <mart> --domain {name} --entity <entity>", f"pytest tests/domains/{name}"],
    )


def new_source(project: Project, name: str, table: str) -> Skeleton:
    """A source with one table: its contract, and a test of its rules."""
    check_name("source", name)
    check_name("table", table)
    project.need_free("table", table, f"data_contracts/sources/{name}", ".odcs.yaml")
    return Skeleton(
        "source",
        {"source": name, "table": table},
        shop_lines=_source_lines(name, table),
        next_steps=[
            f"settle the lines of data_contracts/sources/{name}/{table}.odcs.yaml that say SKELETON",
            CONTRACTS,
            f"pytest tests/contracts/{name}",
            f"almanac new entity <entity> --source {name}",
        ],
    )


def new_entity(project: Project, name: str, source: str, table: str | None) -> Skeleton:
    """An entity with the columns of a source's table, and its fact; of an entity that is there already, what this
    source brings of it: columns of the same name, null for the others."""
    check_name("entity", name)
    contract = project.contract(source, table)
    project.need_free_model(f"cnf_{source}__{name}")
    names = {"entity": name, "source": source, "table": contract.table}
    standing = project.canonical(name)
    steps = [CONTRACTS, f"almanac new mart <mart> --domain <domain> --entity {name}"]
    if standing is not None:
        blocks, missing = lines_of_source(contract, standing)
        file = f"dbt_project/models/conformed/{source}/cnf_{source}__{name}.sql"
        lacking = [f"say in {file} what the source tells of {', '.join(missing)}: null so far"] if missing else []
        return Skeleton("entity", names, blocks, next_steps=[*lacking, *steps], without=OF_A_NEW_ENTITY)
    project.need_free_model(f"fct_{name}")
    more, blocks = entity_blocks(contract)
    return Skeleton("entity", {**names, **more}, blocks, next_steps=steps)


def new_mart(project: Project, name: str, domain: str, entity: str) -> Skeleton:
    """A mart of a domain: amounts of an entity by day and currency, and the view that publishes it."""
    check_name("mart", name)
    project.need_domain(domain)
    fact = project.core_table(entity)
    project.need_free_model(name)
    project.need_free_model(f"rpt_{domain}_{name}")
    told = project.daily(fact, counted=False)
    return Skeleton(
        "mart",
        {"mart": name, "domain": domain, "entity": entity, "fact": fact, "day": told.day, "amount": told.amount},
        next_steps=[
            CONTRACTS,
            EVERY_DAY,
            f"almanac new model <model> --domain {domain} --mart {name}",
            f"almanac new section <section> --domain {domain} --table rpt_{domain}_{name}",
        ],
    )


def new_model(project: Project, name: str, domain: str, mart: str) -> Skeleton:
    """A model of a domain that describes a mart: its function, statement, output contract, view and test."""
    check_name("model", name)
    project.need_domain(domain)
    folder = f"pipelines/domains/{domain}"
    project.need("mart", mart, project.names(f"dbt_project/models/marts/{domain}", ".sql"),
                 f"almanac new mart {mart} --domain {domain} --entity <entity>")  # fmt: skip
    project.need_absent(f"{folder}/statements.py", f"make it a module of {folder}/statements/ first")
    project.need_free("module", name, folder, ".py")
    project.need_free_model(f"rpt_{domain}_{name}")
    entity = project.entity_of(mart)
    told, of_entity = project.daily(mart, counted=False), project.daily(project.core_table(entity), counted=False)
    names = {"model": name, "domain": domain, "mart": mart, "entity": entity, "amount": told.amount, "day": told.day}
    return Skeleton(
        "model",
        {**names, "dated": of_entity.day},
        next_steps=[CONTRACTS, f"pytest tests/domains/{domain}/test_{name}.py", EVERY_DAY],
    )


def new_section(project: Project, name: str, domain: str, table: str | None) -> Skeleton:
    """A section of a domain's page, on a published table of it; and the page where there is none."""
    check_name("section", name)
    project.need_domain(domain)
    project.need_free_section(name)
    published, told = _daily_table(project, domain, table)
    return Skeleton(
        "section",
        {"section": name, "domain": domain, "published": published, **_told(told)},
        next_steps=[
            f"write the Chinese texts in pipelines/domains/{domain}/report/{name}/texts.py",
            f"pytest tests/domains/{domain}/report",
            "almanac report --shop <shop>",
        ],
    )


def new_system(project: Project, name: str, table: str) -> Skeleton:
    """A system of the simulated shop: it writes the drops of the skeleton source of its name."""
    check_name("system", name)
    check_name("table", table)
    project.need_free("system", name, "simulator/systems")
    return Skeleton(
        "system",
        {"system": name, "table": table},
        shop_lines=_source_lines(name, table),
        next_steps=[
            f"pytest tests/simulator/systems/{name} tests/simulator/test_grading.py",
            "almanac demo (a home that was begun without the system goes on without it)",
            f"almanac new grade <grade> --system {name} --table <published table>",
        ],
    )


def new_grade(project: Project, name: str, system: str, table: str) -> Skeleton:
    """A grade of a system: a published table of amounts by day against the true rows of the system's one table."""
    check_name("grade", name)
    project.need("system", system, project.names("simulator/systems"), f"almanac new system {system}")
    project.need("published table", table, project.all_published(), "almanac new mart <mart>")
    truth = project.truth_of(system)
    project.need_free("grade", f"grades_{name}", f"simulator/systems/{system}", ".py")
    told = project.daily(table, counted=True)
    return Skeleton(
        "grade",
        {"grade": name, "system": system, "published": table, "truth": truth, **_told(told)},
        next_steps=["pytest tests/simulator/test_grading.py", "almanac demo"],
    )


def _source_lines(source: str, table: str) -> list[str]:
    return [f"  {source}:", f"    {table}: {{}}"]


def _told(told: Daily) -> dict[str, str]:
    return {"day": told.day, "count": told.count or "", "amount": told.amount}


def _daily_table(project: Project, domain: str, table: str | None) -> tuple[str, Daily]:
    """The published table of a domain that is named, or the first that tells of days; by which columns it does."""
    known = project.published(domain)
    if table:
        project.need("published table", table, known, f"choose one of the domain {domain} with --table")
        return table, project.daily(table, counted=True)
    for one in known:
        try:
            return one, project.daily(one, counted=True)
        except SkeletonError:
            continue
    raise SkeletonError(
        f"the domain {domain} publishes no amounts by day: almanac new mart <mart> --domain {domain} --entity <entity>"
    )
