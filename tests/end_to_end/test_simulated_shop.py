"""The simulated shop through the commands that a person gives: graded, and nobody's address outside `private/`."""

from __future__ import annotations

import json
import stat

import duckdb
import pytest

from tests.file_contents import contents, files_of
from tests.simulated_home import DAYS, SimulatedHome

pytestmark = pytest.mark.slow


def test_a_home_is_loaded_and_graded_without_a_word_of_the_key(simulated: SimulatedHome) -> None:
    assert "made a random key for the hashes of personal data" in simulated.loaded
    assert f"{DAYS} new files" in simulated.loaded
    assert {"capability", "measure", "value", "bar", "pass"} == {name for grade in simulated.grades for name in grade}
    passed = sum(grade["pass"] for grade in simulated.grades)
    assert f"{passed} of {len(simulated.grades)} grades pass" in simulated.graded
    manifest = json.loads((simulated.home / "published" / "current" / "manifest.json").read_text())
    assert str(simulated.key) not in json.dumps(manifest)
    assert stat.S_IMODE(simulated.key.stat().st_mode) == 0o700


def test_no_planted_address_or_person_is_found_outside_the_private_folder(simulated: SimulatedHome) -> None:
    """Addresses and numbers anywhere; names, which are also words of other texts, as a whole value."""
    with duckdb.connect() as con:
        planted = con.execute("from read_parquet(?)", [str(simulated.key / "personal.parquet")]).fetchall()
    anywhere = {value.lower().encode() for kind, value in planted if kind != "full_name"}
    names = {repr(value).encode() for kind, value in planted if kind == "full_name"}
    assert len(anywhere) > 500 and len(names) > 200
    apart = {simulated.home / "private", simulated.home / "drops"}
    files = [file for file in files_of(simulated.home) if not apart & {*file.parents}]
    assert len(files) > 500
    told = [*files, *files_of(simulated.home.parent / "nothing")]
    for file in told:
        for content in contents(file):
            lowered = content.lower()
            # Every planted address and number holds an @ or eleven digits: most files have neither.
            if b"@example" in lowered or b"+86" in lowered or any(mark in content for mark in names):
                found = [value for value in (*anywhere, *names) if value in lowered or value in content]
                assert not found, (file, found[:3])


def test_the_private_folder_holds_them_for_its_owner_alone(simulated: SimulatedHome) -> None:
    private = simulated.home / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    files = files_of(private)
    assert files and all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    texts = b"".join(content for file in files if file.suffix == ".parquet" for content in contents(file))
    assert b"@example" in texts
