"""The key of the hashes: which texts are one, that a home keeps to its own, and that no message holds it."""

from __future__ import annotations

import base64
import hmac
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.hash_keys import KEY, KEY_ID, HashKey, HashKeyError, home_key, parse_key
from pipelines.settings.environment import load_settings
from pipelines.settings.errors import SettingsError

SECRET = bytes(range(32))
NEEDED = "orders.odcs.yaml: guest_email"


@given(st.binary(min_size=32, max_size=100).filter(lambda key: len(set(key)) > 1))
def test_hex_and_base64_name_the_same_key_and_its_pads_make_the_standard_hmac(secret: bytes) -> None:
    import hashlib

    key = parse_key(base64.b64encode(secret).decode(), "k1")
    assert key == HashKey("k1", secret)
    if len(secret) == 32:
        assert parse_key(secret.hex(), "k1") == parse_key(secret.hex().upper(), "k1") == key
    outer, inner = key.pads
    found = hashlib.sha256(outer + hashlib.sha256(inner + b"ada").digest()).hexdigest()
    assert found == hmac.new(secret, b"ada", "sha256").hexdigest()


@pytest.mark.parametrize(
    ("text", "key_id"),
    [
        ("00" * 32, "k1"),  # no random key
        ("ab" * 31, "k1"),
        ("deadbeef" * 8 + "00", "k1"),
        ("not base64!" * 5, "k1"),
        (base64.b64encode(SECRET[:31]).decode(), "k1"),
        (SECRET.hex(), None),
        (SECRET.hex(), "two words"),
        ("k1", SECRET.hex()),  # swapped
        (None, "k1"),
    ],
)
def test_what_is_no_key_is_refused_in_one_line_that_does_not_show_it(text: str | None, key_id: str | None) -> None:
    given = {name: value for name, value in ((KEY, text), (KEY_ID, key_id)) if value}
    with pytest.raises(SettingsError, match=KEY) as told:
        load_settings("online_retail", environment=given)
    message = str(told.value)
    assert "\n" not in message
    assert all(value not in message for value in (SECRET.hex(), text or "-") if len(value) > 10)
    assert told.value.__cause__ is None


def test_settings_take_the_key_and_show_it_nowhere() -> None:
    settings = load_settings("online_retail", environment={KEY: SECRET.hex(), KEY_ID: "k1"})
    assert settings.hash_key == HashKey("k1", SECRET)
    for shown in (repr(settings), str(settings.dbt_vars), str(settings.working_file)):
        assert SECRET.hex() not in shown and repr(SECRET) not in shown and str(list(SECRET)) not in shown
    assert load_settings("online_retail", environment={}).hash_key is None


def key_of(private: Path, given: HashKey | None, *, is_demo: bool = False, is_hashed: bool = False) -> object:
    return home_key(private, given, is_demo=is_demo, is_hashed=is_hashed, needed_by=NEEDED)


def test_a_home_keeps_to_the_key_it_was_hashed_with(tmp_path: Path) -> None:
    first, other = HashKey("k1", SECRET), HashKey("k2", SECRET[::-1])
    with pytest.raises(HashKeyError, match=r"orders\.odcs\.yaml: guest_email is direct .* set ALMANAC_PRIVACY_KEY"):
        key_of(tmp_path, None)
    assert key_of(tmp_path, first) == (first, False)
    assert key_of(tmp_path, first, is_demo=True, is_hashed=True) == (first, False)
    assert stat.S_IMODE((tmp_path / "key.json").stat().st_mode) == 0o600
    assert SECRET.hex() not in (tmp_path / "key.json").read_text()
    with pytest.raises(HashKeyError, match=r"was hashed with key 'k1', this run has key 'k2'"):
        key_of(tmp_path, other)
    with pytest.raises(HashKeyError, match=r"was hashed with key 'k1', this run has another key of that name"):
        key_of(tmp_path, HashKey("k1", SECRET[::-1]))
    for is_demo in (False, True):
        with pytest.raises(HashKeyError, match=r"was hashed with key 'k1', this run has none: set ALMANAC_PRIVACY_KEY"):
            key_of(tmp_path, None, is_demo=is_demo)
    assert [path.name for path in tmp_path.iterdir()] == ["key.json"]


def test_a_key_that_anybody_can_guess_is_refused() -> None:
    with pytest.raises(HashKeyError, match=f"{KEY} is one byte repeated"):
        parse_key("ab" * 32, "k1")


def test_a_demo_makes_its_own_key_once(tmp_path: Path) -> None:
    key, made = home_key(tmp_path, None, is_demo=True, is_hashed=False, needed_by=NEEDED)
    assert made and (key.key_id, len(key.secret)) == ("demo", 32)
    assert stat.S_IMODE((tmp_path / "demo.key").stat().st_mode) == 0o600
    assert key_of(tmp_path, None, is_demo=True) == (key, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.key", "key.json"]
    (tmp_path / "demo.key").write_text("ab" * 31 + "cd\n")
    with pytest.raises(HashKeyError, match=r"demo\.key is damaged, it is not the key of this home: restore private/"):
        key_of(tmp_path, None, is_demo=True)
    (tmp_path / "demo.key").write_text("torn")
    with pytest.raises(HashKeyError, match=r"demo\.key cannot be read"):
        key_of(tmp_path, None, is_demo=True)


def test_a_key_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    """A new random key would be another: no person would be found again, and the old key might still be restored."""
    key_of(tmp_path, None, is_demo=True)
    (tmp_path / "demo.key").unlink()
    with pytest.raises(HashKeyError, match=r"demo\.key is gone and this home was hashed with it: restore private/"):
        key_of(tmp_path, None, is_demo=True)
    assert [path.name for path in tmp_path.iterdir()] == ["key.json"]
    (tmp_path / "key.json").unlink()
    for key, is_demo in ((None, True), (HashKey("k1", SECRET), False)):
        with pytest.raises(HashKeyError, match=r"key\.json is gone and the raw files are hashed: restore private/"):
            key_of(tmp_path, key, is_demo=is_demo, is_hashed=True)
    assert list(tmp_path.iterdir()) == []
