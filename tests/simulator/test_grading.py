"""Every grade passes on a faultless pipeline and fails on the broken one that it is there to catch.

The faultless pipeline is made of the answer key (faults.py); that the real one publishes what is read here, and passes,
is shown by test_graded_home.py.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.arguments import Arguments, SimulationError
from simulator.grading import all_gradings, check_version, grade_version
from simulator.grading.evidence import LEAST_DAYS, Version
from simulator.grading.grades import Asked, Capability, Grade, Grading, Marks, Measured
from simulator.grading.told import as_json, as_pages, as_table
from simulator.key import MANIFEST
from simulator.systems import all_systems
from simulator.text import Text
from tests.simulator.conftest import Shop, simulated
from tests.simulator.faults import Fault, all_faults, broken_version, sound_version

pytestmark = pytest.mark.slow

# Of the least days of which a forecast is graded, the first seed whose small shop is struck by every class of dirt.
SMALL = Arguments(seed=8, days=LEAST_DAYS, customers=400)
ASKED = [asked for grading in all_gradings([system.name for system in all_systems()]) for asked in grading.asked()]
FAULTS = all_faults()


@dataclass(frozen=True)
class Graded:
    """A small shop, a faultless version of it, its grades by measure, and those of a version with a fault."""

    shop: Shop
    version: Version
    marks: Marks
    broken: Callable[[Fault], dict[str, Grade]]

    @property
    def sound(self) -> dict[str, Grade]:
        return {grade.measure: grade for grade in self.marks.grades}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("graded")
    print(f"seed {SMALL.seed}")
    shop = simulated(folder, SMALL)
    version = sound_version(folder / "sound", shop.key)
    told: dict[int, dict[str, Grade]] = {}

    def broken(fault: Fault) -> dict[str, Grade]:
        if id(fault) not in told:
            changed, key = broken_version(folder / f"{len(told)}", version, shop.key, fault)
            told[id(fault)] = {grade.measure: grade for grade in grade_version(changed, key).grades}
        return told[id(fault)]

    return Graded(shop, version, grade_version(version, shop.key_folder), broken)


def test_a_faultless_pipeline_passes_every_grade_that_there_is(graded: Graded) -> None:
    assert [grade for grade in graded.marks.grades if not grade.passed] == []
    assert [grade.measure for grade in graded.marks.grades] == [asked.measure for asked in ASKED]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.measure)
def test_a_grade_fails_on_its_fault(asked: Asked, graded: Graded) -> None:
    assert asked.fault in FAULTS, f"declare {asked.fault!r} in a faults.py beside this test"
    broken = graded.broken(FAULTS[asked.fault])[asked.measure]
    assert not broken.passed
    assert broken.value != graded.sound[asked.measure].value


def test_every_fault_is_that_of_a_grade() -> None:
    assert {asked.fault for asked in ASKED} == FAULTS.keys()


def test_grades_stand_by_capability_in_both_languages() -> None:
    assert len({asked.measure for asked in ASKED}) == len(ASKED)
    for asked in ASKED:
        assert all(text.en and text.zh for text in asked.texts), asked.measure
    capabilities = list(dict.fromkeys(grading.capability for grading in all_gradings(["storefront", "warehouse"])))
    assert [one.name for one in capabilities] == ["bad and late data", "rows", "money", "stock", "demand", "customers"]


def test_too_few_whole_days_say_nothing(graded: Graded) -> None:
    """A key whose rows are all due later leaves nothing to compare: no money grade passes then."""
    found = graded.broken(FAULTS["no day is whole"])
    figures = [grade for measure, grade in found.items() if measure.endswith(": event days that differ from the truth")]
    assert len(figures) == 13 and all(math.isnan(grade.value) and not grade.passed for grade in figures)


def key_that_says(folder: Path, graded: Graded, **other: object) -> Path:
    """A copy of the key whose manifest says otherwise."""
    shutil.copytree(graded.shop.key_folder, folder)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **other}))
    return folder


def test_a_shop_without_a_warehouse_is_graded_by_what_rests_on_the_storefront(tmp_path: Path, graded: Graded) -> None:
    key = key_that_says(tmp_path / "key", graded, systems=["storefront"])
    found = {grade.measure: grade for grade in grade_version(graded.version, key).grades}
    assert {grade.capability.name for grade in found.values()} == {"bad and late data", "rows", "customers"}
    assert "fct_orders: rows missing, doubled or invented" in found
    assert not any("shipments" in measure or "margin" in measure for measure in found)
    assert all(grade.passed for grade in found.values())


def test_a_young_shop_is_not_graded_by_what_nothing_is_learnt_for(tmp_path: Path, graded: Graded) -> None:
    bare = Version(graded.version.published, graded.version.fates)
    marks = grade_version(bare, key_that_says(tmp_path / "key", graded, days=LEAST_DAYS - 1))
    assert {"demand", "customers"}.isdisjoint(grade.capability.name for grade in marks.grades)
    assert [p.text for p in marks.printed if p.measure == "not graded"] == [
        "of fewer than 42 days nothing is learnt"
    ] * 2


def test_what_is_not_handed_over_is_named(graded: Graded) -> None:
    bare = Version(graded.version.published, graded.version.fates)
    with pytest.raises(SimulationError, match="hands over no forecast_from_sales: an output contract must name it"):
        grade_version(bare, graded.shop.key_folder)


def test_a_table_that_is_not_there_is_named(graded: Graded) -> None:
    with pytest.raises(SimulationError, match=r"lacks what is graded: .*fct_payments"):
        graded.broken(Fault(published="drop table fct_payments"))


def test_a_version_of_another_day_is_not_graded(shop: Shop) -> None:
    last = shop.arguments.last.isoformat()
    check_version(shop.key, last, {})
    with pytest.raises(SimulationError, match=rf"ends on 2025-02-08, the key .* on {last}"):
        check_version(shop.key, "2025-02-08", {})


def test_a_version_of_another_shop_is_not_graded(shop: Shop) -> None:
    last, path = shop.arguments.last.isoformat(), shop.key.manifest["first_file"]["path"]
    fingerprint = hashlib.sha256((shop.drops / path).read_bytes()).hexdigest()
    check_version(shop.key, last, {path: {fingerprint, "of a corrected file"}})
    with pytest.raises(SimulationError, match=r"of this home is not that of a shop of 40 days .*\(seed 11\)"):
        check_version(shop.key, last, {path: {"of another shop"}})


RULE = Text("doing nothing", "什么都不做")
BEATEN = Asked("error", (Text("error", "误差"),), "at most", 1, "", rule=RULE, is_share=True)
CAPABILITY = Capability("guessing", Text("Guessing", "猜测"))


@pytest.mark.parametrize(
    ("value", "rule", "passes"), [(0.5, 0.6, True), (0.6, 0.6, True), (0.7, 0.6, False), (1.1, 2.0, False)]
)
def test_a_value_that_is_worse_than_the_rule_fails_though_the_bar_holds(
    value: float, rule: float, passes: bool
) -> None:
    grade = Grade(CAPABILITY, BEATEN, value, rule)
    assert grade.passed is passes
    verdict = "pass" if passes else "FAIL"
    assert as_table(Marks((grade,)))[1].endswith(f"at most 1  {verdict}  to beat: doing nothing {rule:.4g}")
    assert f"| at most 1 | doing nothing {rule:.4g} |" in as_pages(Marks((grade,)), "a shop")["guessing.md"]
    (entry,) = json.loads(as_json([grade]))
    assert entry["rule"] == {"en": "doing nothing", "zh": "什么都不做", "value": rule}
    assert entry["texts"] == {
        "capability": {"en": "Guessing", "zh": "猜测"}, "measure": [{"en": "error", "zh": "误差"}]
    }  # fmt: skip
    assert (entry["sense"], entry["is_share"], entry["pass"]) == ("at most", True, passes)


@pytest.mark.parametrize(
    "seen", [Measured({"noise": 1.0}), Measured({"error": 1.0}), Measured({"error": 1.0}, {"x": 0})]
)
def test_what_is_measured_and_what_is_asked_must_agree(seen: Measured) -> None:
    grading = Grading(CAPABILITY, lambda: [BEATEN], lambda evidence: seen)
    with pytest.raises(ValueError, match="guessing: measured and asked differ in"):
        grading.marks(None)  # type: ignore[arg-type]


def test_a_value_that_could_not_be_measured_passes_no_bar() -> None:
    grade = Grade(CAPABILITY, BEATEN, float("nan"), 0.5)
    assert not grade.passed
    assert json.loads(as_json([grade]))[0]["value"] is None
