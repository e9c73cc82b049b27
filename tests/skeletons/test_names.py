"""Names that can be given, and templates filled with them."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.skeletons.names import LONGEST, SkeletonError, check_name, filled, reserved_words, singular

NAMES = {"mart": "late_parcels", "domain": "supply"}


@pytest.mark.parametrize("name", ["a", "clicks", "late_parcels", "a1_b2", "x" * LONGEST])
def test_a_plain_name_is_one(name: str) -> None:
    check_name("mart", name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(
            (name, "use lower-case letters, digits and single _")
            for name in ("", "A", "1a", "_a", "a_", "a__b", "a-b", "a b", "é", "a.b", "a\n")
        ),
        ("x" * (LONGEST + 1), "it has 25 characters, use at most 24"),
        *(
            (name, "is a reserved word")
            for name in ("class", "match", "order", "select", "core", "final", "settings", "row_versions")
        ),
    ],
)
def test_what_is_no_name_is_told_in_one_line(name: str, said: str) -> None:
    with pytest.raises(SkeletonError) as told:
        check_name("mart", name, "--mart")
    assert said in str(told.value) and "\n" not in str(told.value)
    assert str(told.value).startswith(f"--mart {name!r} cannot name this mart")


def test_every_reserved_word_of_duckdb_is_known() -> None:
    query = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    assert {word for (word,) in duckdb.sql(query).fetchall()} <= reserved_words()


@pytest.mark.parametrize(
    ("several", "one"),
    [
        *(("stamps", "stamp"), ("club_entries", "club_entry"), ("boxes", "box"), ("matches", "match")),
        *(("wishes", "wish"), ("classes", "class"), ("prices", "price"), ("stock", "stock"), ("s", "s")),
        *(("glass", "glass"), ("bonus", "bonus"), ("analysis", "analysis"), ("ies", "ie"), ("a1", "a1")),
    ],
)
def test_one_of_several_is_called_by_the_ending(several: str, one: str) -> None:
    assert singular(several) == one


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("rpt_my_domain_my_mart.sql", "rpt_supply_late_parcels.sql"),
        ("n_my_mart, cnf_a__my_mart", "n_late_parcels, cnf_a__late_parcels"),
        ("My mart is my mart, id my-mart", "Late parcels is late parcels, id late-parcels"),
        ("my own, dum_my", "my own, dum_my"),
        ("{{ ref('my_mart') }} ${object} $as_of {}", "{{ ref('late_parcels') }} ${object} $as_of {}"),
    ],
)
def test_a_name_stands_in_each_of_its_forms(template: str, text: str) -> None:
    assert filled(template, NAMES) == text


def test_a_place_without_a_name_is_an_error_of_the_template() -> None:
    with pytest.raises(KeyError, match="my_entity"):
        filled("fct_my_entity", NAMES)


def test_lines_stand_at_the_place_of_their_comment() -> None:
    template = "select\n    -- my_columns\nfrom my_mart\n"
    assert filled(template, NAMES, {"columns": "a,\nb as c"}) == "select\n    a,\n    b as c\nfrom late_parcels\n"
    assert filled("columns:\n# my_columns\n", NAMES, {"columns": "- name: a\n"}) == "columns:\n- name: a\n"
