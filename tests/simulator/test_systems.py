"""Systems: chosen by name, found by folder, and none in the way of another."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import duckdb
import pytest

import simulator.systems
from simulator.arguments import RELEASE, Arguments, SimulationError
from simulator.dirt.classes import classes_of
from simulator.found import folders
from simulator.grading import all_gradings
from simulator.key import MANIFEST
from simulator.run import run
from simulator.steps import _ordered, lived_steps
from simulator.systems import all_systems, chosen_systems, named, seed_of
from simulator.world import Step
from tests.simulator.conftest import Shop, simulated
from tests.simulator.test_files import hashes

pytestmark = pytest.mark.slow

SMALL = Arguments(seed=5, days=12, customers=120)
BOTH = ["storefront", "warehouse"]
Add = Callable[..., None]
TABLES = """
    from simulator.clock import UTC
    from simulator.system import Form, System

    FORM = Form("{name}", "parquet", UTC)
    SYSTEM = System(
        FORM,
        (FORM.table("orders", "order_id updated_at note", key="order_id", event="updated_at", order="order_id"),),
        needs={needs},
        causes_orders={causes_orders},
    )
"""
ROWS = """
    from simulator.systems.{name}.tables import FORM

    def clean_rows(world):
        moment = FORM.time("ordered", world.arguments.start)
        return {{
            "orders": f"select 'T' || note_orders.i as order_id, {{moment}} as updated_at, w0 as note, "
            "ordered // 86400 as _day from note_orders join word_mood on word_mood.i = 0"
        }}

    WORDS = {{"mood": [("calm",)]}}
"""
PLANTS = """
    from simulator.dirt.classes import PlantClass
    from simulator.dirt.plants import Plant, copies
    from simulator.text import Text

    SHOUTED = Plant("shouted", "wrong", "orders", 0.1, "note", "upper(note)", reason="note:case")
    PLANTS = (*copies({{"orders": 0.2}}), SHOUTED)
    CLASSES = (PlantClass("shouted", Text("in capitals", "大写"), "nobody minds capitals"),)
"""
DAYS = """
    from simulator.world import Step

    def _listen(life, day):
        day.rng("{name}").random()

    STEPS = (Step("{name}.listen", _listen, needs=("storefront.visit",), before=("storefront.want",)),)
"""
TRUTH = """
    def truth(con, world):
        return {{"{name}_orders": "from clean_{name}__orders order by order_id"}}

    def planted(arguments):
        return {{"mood": "calm"}}
"""
GRADES = """
    from simulator.capabilities.rows.grades import ROWS, asked_of, standing
    from simulator.grading.grades import Grading, Measured

    def _measure(evidence):
        truth = "select order_id, due_date from key.{name}_orders"
        return Measured(standing(evidence, "fct_{name}", "order_id", truth))

    GRADING = Grading(ROWS, lambda: [asked_of("fct_{name}", "half of them are lost")], _measure)
"""
ALONE = {
    "tables": TABLES,
    "days": """
        import numpy as np

        from simulator.clock import DAY
        from simulator.world import Step

        def _tick(life, day):
            life.notes.add("ticks", moment=day.number * DAY + np.arange(3))

        STEPS = (Step("{name}.tick", _tick),)
    """,
    "rows": """
        from simulator.systems.{name}.tables import FORM

        def clean_rows(world):
            moment = FORM.time("moment", world.arguments.start)
            return {{"orders": f"select 'T' || i as order_id, {{moment}} as updated_at, 'x' as note, "
                    "moment // 86400 as _day from note_ticks"}}
    """,
}
WHOLE = {"tables": TABLES, "rows": ROWS, "plants": PLANTS, "days": DAYS, "truth": TRUTH, "grades": GRADES}


@pytest.fixture(autouse=True)
def no_other_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told here holds for any systems: those that the project has beside the first two are left out."""
    theirs = {*folders("simulator.systems")} - {*BOTH}
    monkeypatch.setattr(simulator.systems, "folders", lambda place: [n for n in folders(place) if n not in theirs])


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Adds a system: a folder beside those of the project, which it need not touch."""
    place = tmp_path / "systems"
    monkeypatch.setattr(simulator.systems, "__path__", [*simulator.systems.__path__, str(place)])
    for module in [name for name in sys.modules if name.startswith("simulator.systems.")]:
        monkeypatch.setitem(sys.modules, module, sys.modules[module])  # what is imported meanwhile goes at the end

    def added(
        name: str, parts: dict[str, str] = WHOLE, needs: tuple[str, ...] = (), causes_orders: bool = False
    ) -> None:
        (place / name).mkdir(parents=True)
        (place / name / "__init__.py").write_text('"""A system of a test."""\n')
        for part, text in parts.items():
            filled = dedent(text).format(name=name, needs=needs, causes_orders=causes_orders)
            (place / name / f"{part}.py").write_text(filled)

    yield added  # type: ignore[misc]
    for module in [name for name in sys.modules if name.startswith("simulator.systems.")]:
        if str(place) in str(getattr(sys.modules[module], "__file__", "")):
            del sys.modules[module]


def told(shop: Shop, sql: str) -> list[tuple[object, ...]]:
    return duckdb.execute(sql).fetchall()


def test_a_folder_is_a_system_and_one_that_watches_leaves_the_others_files_alone(tmp_path: Path, add: Add) -> None:
    before = simulated(tmp_path / "before", SMALL)
    add("till", needs=("storefront",))
    assert [system.name for system in all_systems()] == ["storefront", "till", "warehouse"]
    after = simulated(tmp_path / "after", SMALL)
    ours, theirs = hashes(before.drops), hashes(after.drops)
    assert {name: theirs[name] for name in theirs if not name.startswith("till/")} == ours
    assert sum(name.startswith("till/orders/") for name in theirs) >= SMALL.days
    manifest = json.loads((after.key_folder / MANIFEST).read_text())
    assert manifest["systems"] == ["storefront", "till", "warehouse"]
    assert manifest["planted"]["mood"] == "calm" and "slow_stage" in manifest["planted"]


def test_a_system_that_speaks_of_no_order_is_written_alone(tmp_path: Path, add: Add) -> None:
    """No demand is noted in its world, so there is none to come."""
    add("meter", ALONE)
    run(SMALL, tmp_path / "drops", tmp_path / "key", systems=["meter"], progress=lambda *_: None)
    assert len(hashes(tmp_path / "drops")) == SMALL.days
    summary = run(SMALL, tmp_path / "drops", tmp_path / "key", systems=["meter"], progress=lambda *_: None)
    assert (summary.new_files, summary.rows, summary.orders) == (0, 3 * SMALL.days, 0)
    assert "orders" not in summary.lines()[-1]


def test_two_systems_may_have_tables_of_one_name(tmp_path: Path, add: Add) -> None:
    add("till", needs=("storefront",))
    shop = simulated(tmp_path / "shop", SMALL)
    planted = told(
        shop, f"select source, count(*) from {shop.key.sql('dirt')} where table_name = 'orders' group by 1 order by 1"
    )
    assert [source for source, _ in planted] == ["storefront", "till"]
    classes = told(shop, f"select distinct class from {shop.key.sql('dirt')} where source = 'till'")
    assert ("shouted",) in classes and ("mojibake",) not in classes
    days = told(
        shop, f"select source, sum(true_rows) from {shop.key.sql('days')} where table_name = 'orders' group by 1"
    )
    rows = dict(told(shop, f"select 'till', count(*) from {shop.key.sql('till_orders')}"))
    assert dict(days)["till"] == rows["till"]


def test_its_grades_and_classes_stand_beside_those_of_the_others(add: Add) -> None:
    add("till", needs=("storefront",))
    capabilities = [grading.capability.name for grading in all_gradings(["storefront", "till"])]
    assert capabilities == ["bad and late data", "rows", "rows", "customers"]
    asked = [asked.measure for grading in all_gradings(["storefront", "till"]) for asked in grading.asked()]
    assert "fct_till: rows missing, doubled or invented" in asked and "fate right: shouted" in asked
    assert "shouted" in {one.name for one in classes_of(chosen_systems(["storefront", "till"]))}


def test_more_grades_of_a_system_stand_in_modules_of_their_own(add: Add) -> None:
    more = GRADES.replace("fct_{name}", "fct_more").replace("half of them", "more of them")
    add("till", {**WHOLE, "grades_more": more, "gradesheet": "raise ValueError"}, needs=("storefront",))
    asked = [asked.measure for grading in all_gradings(["storefront", "till"]) for asked in grading.asked()]
    own = ["fct_till: rows missing, doubled or invented", "fct_more: rows missing, doubled or invented"]
    assert [measure for measure in asked if measure in own] == own


def test_a_system_that_causes_orders_makes_another_shop(tmp_path: Path, add: Add) -> None:
    quiet = simulated(tmp_path / "quiet", SMALL)
    add("radio", needs=("storefront",), causes_orders=True)
    assert seed_of(5, chosen_systems(BOTH)) == 5
    assert 0 <= seed_of(5, all_systems()) < 2**63 and seed_of(5, all_systems()) not in (5, seed_of(6, all_systems()))
    loud = simulated(tmp_path / "loud", SMALL)
    path = "storefront/orders/2025-01-02/orders.csv"
    assert hashes(loud.drops)[path] != hashes(quiet.drops)[path]
    assert json.loads((loud.key_folder / MANIFEST).read_text())["world"]["seed"] == 5
    without = simulated(tmp_path / "without", SMALL, systems=BOTH)
    assert hashes(without.drops) == hashes(quiet.drops)


def test_a_shop_whose_warehouse_hands_nothing_over_is_the_same_shop(tmp_path: Path) -> None:
    whole, half = simulated(tmp_path / "whole", SMALL), simulated(tmp_path / "half", SMALL, systems=["storefront"])
    theirs = hashes(whole.drops)
    assert hashes(half.drops) == {name: theirs[name] for name in theirs if name.startswith("storefront/")}
    assert "money_daily" not in half.key.manifest["tables"] and "orders" in half.key.manifest["tables"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["warehouse"], "system warehouse needs storefront: choose storefront,warehouse"),
        (["shop"], "system 'shop' is not known: choose some of storefront, warehouse"),
        ([], "no system: choose some of storefront, warehouse"),
    ],
)
def test_systems_that_cannot_be_chosen_are_named(tmp_path: Path, names: list[str], message: str) -> None:
    with pytest.raises(SimulationError) as refused:
        simulated(tmp_path, SMALL, systems=names)
    assert str(refused.value) == message
    assert list(tmp_path.iterdir()) == []


def test_names_are_given_with_commas() -> None:
    assert (named(None), named(" storefront, warehouse,"), named("")) == (None, BOTH, [])


def test_a_shop_is_gone_on_with_by_its_own_systems(tmp_path: Path) -> None:
    shop = simulated(tmp_path, SMALL, systems=["storefront"])
    before = hashes(tmp_path)
    with pytest.raises(SimulationError, match="go on with --systems storefront, or choose an empty folder"):
        simulated(tmp_path, SMALL)
    assert hashes(tmp_path) == before
    assert shop.key.systems == ("storefront",)


def test_days_of_another_release_are_not_added(tmp_path: Path) -> None:
    shop = simulated(tmp_path, SMALL)
    file = shop.key_folder / MANIFEST
    manifest = json.loads(file.read_text())
    assert manifest["release"] == RELEASE
    file.write_text(json.dumps({**manifest, "release": RELEASE + 1}))
    before = hashes(tmp_path)
    longer = Arguments(SMALL.seed, SMALL.start, SMALL.days + 1, SMALL.customers)
    with pytest.raises(SimulationError, match=rf"of release {RELEASE + 1} of the simulator, this is {RELEASE}") as told:
        simulated(tmp_path, longer)
    assert "\n" not in str(told.value) and hashes(tmp_path) == before


def test_drops_from_before_there_was_a_release_are_gone_on_with(tmp_path: Path) -> None:
    shop = simulated(tmp_path / "old", SMALL)
    file = shop.key_folder / MANIFEST
    manifest = json.loads(file.read_text())
    file.write_text(json.dumps({name: told for name, told in manifest.items() if name not in ("release", "systems")}))
    longer = Arguments(SMALL.seed, SMALL.start, SMALL.days + 1, SMALL.customers)
    grown, whole = simulated(tmp_path / "old", longer), simulated(tmp_path / "whole", longer)
    assert hashes(grown.drops) == hashes(whole.drops) and hashes(grown.key_folder) == hashes(whole.key_folder)


def test_steps_follow_what_they_need_and_the_warehouse_is_lived_in_any_case() -> None:
    steps = lived_steps(chosen_systems(["storefront"]))
    assert [step.name for step in steps] == [step.name for step in lived_steps(all_systems())]
    place = {step.name: number for number, step in enumerate(steps)}
    for step in steps:
        assert all(place[need] < place[step.name] for need in step.needs)
        assert all(place[step.name] < place[later] for later in step.before)


@pytest.mark.parametrize(
    ("needs", "message"),
    [("b.two", "the steps a.one, b.two wait for each other"), ("b.three", "the steps a.one wait for each other")],
)
def test_steps_that_wait_for_each_other_are_named(needs: str, message: str) -> None:
    steps = [Step("a.one", print, needs=(needs,)), Step("b.two", print, needs=("a.one",) if needs == "b.two" else ())]
    with pytest.raises(SimulationError, match=message):
        _ordered(steps)


@pytest.mark.parametrize(
    ("part", "text", "message"),
    [
        ("tables", "SYSTEM = None", r"its tables.py must declare SYSTEM, a system named 'till'"),
        ("rows", "def clean_rows(world):\n    return {{}}", "tables.py and rows.py differ in orders"),
        ("plants", PLANTS.replace('"note", "upper', '"nots", "upper'), r"plant shouted: there is no till.orders.nots"),
        ("days", DAYS.replace("storefront.visit", "storefront.sleep"), r"step till.listen needs storefront.sleep"),
        ("days", DAYS.replace('Step("{name}.', 'Step("warehouse.'), "system till declares steps of another one"),
        ("truth", TRUTH.replace('"{name}_orders"', '"orders"'), "the key has a table orders already"),
    ],
)
def test_a_folder_that_is_no_system_is_named(tmp_path: Path, add: Add, part: str, text: str, message: str) -> None:
    add("till", {**WHOLE, part: text}, needs=("storefront",))
    with pytest.raises(SimulationError, match=message):
        simulated(tmp_path / "shop", SMALL)


def test_a_class_without_words_is_named(add: Add) -> None:
    add("till", {**WHOLE, "plants": PLANTS.split("    CLASSES")[0]}, needs=("storefront",))
    with pytest.raises(SimulationError, match="system till plants shouted, a class without words"):
        classes_of(all_systems())
