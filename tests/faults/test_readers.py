"""Readers never see an error or two versions at once, and a killed publication never shows."""

from __future__ import annotations

import os

import pytest

from pipelines.store.published.publication import current_version, list_versions
from tests.faults.kills import kill_at_any_moment, kill_before_each_name, published_home
from tests.faults.readers import faults_seen, read_while_publishing

pytestmark = pytest.mark.faults

# The proofs ask for 100 and 20.
PUBLICATIONS = int(os.environ.get("ALMANAC_PROVE_PUBLICATIONS", "6"))
KILLS = int(os.environ.get("ALMANAC_PROVE_KILLS", "6"))


def test_readers_see_whole_versions_and_no_error(tmp_path):
    for seen in read_while_publishing(tmp_path, PUBLICATIONS):
        assert faults_seen(seen, PUBLICATIONS) == []
        assert seen.reads > 1


def test_killed_at_any_moment(tmp_path):
    seen = kill_at_any_moment(published_home(tmp_path), KILLS)
    assert seen.problems == []
    assert seen.kills == KILLS


def test_killed_before_each_change_of_a_name(tmp_path):
    seen, outcomes = kill_before_each_name(published_home(tmp_path))
    assert seen.problems == []
    assert (False, False) in outcomes  # killed before the swap: the old version stands
    assert (False, True) in outcomes  # killed after it: the new one does
    assert outcomes[-1] == (True, True)
    published = tmp_path / "published"
    left = {path.name for path in (published / "versions").glob(".*.*")}
    assert left <= {f".{version.version}.checked" for version in list_versions(published)}
    assert current_version(published) == list_versions(published)[-1].version
