"""The key of the keyed hash that stands in for direct personal data: its form, a demo's own key, whose home it is.

Belongs here: the key as a value, reading one out of texts, `private/demo.key`, `private/key.json` (which key a home was
hashed with). Does not belong here: the environment (settings.py) and hashing (pipelines.contracts.direct).
The key itself is in no message, representation, log or argument of a process.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

KEY, KEY_ID = "ALMANAC_PRIVACY_KEY", "ALMANAC_PRIVACY_KEY_ID"
# As long as the hash: a shorter key would be the weakest part (RFC 2104, section 3).
LEAST_BYTES = 32
BLOCK = 64  # bytes of a block of SHA-256: a longer key is hashed first (RFC 2104, section 2)
DEMO = "demo"
# Short enough that no key fits: somebody who swaps the two must not see the key in a message.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,30}", re.ASCII)
RESTORE = "restore private/ from a backup, or begin a new home and backfill it from the drops"
MARK = b"almanac: the key that this home is hashed with"


class HashKeyError(ValueError):
    """A key that is missing, unreadable or another home's; the message is one line: what, where, what to do."""


@dataclass(frozen=True)
class HashKey:
    """A key and the short name it goes by."""

    key_id: str
    secret: bytes = field(repr=False)

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """(outer, inner) block that HMAC-SHA256 puts before what it hashes."""
        secret = self.secret if len(self.secret) <= BLOCK else hashlib.sha256(self.secret).digest()
        block = secret.ljust(BLOCK, b"\0")
        return bytes(byte ^ 0x5C for byte in block), bytes(byte ^ 0x36 for byte in block)

    @property
    def fingerprint(self) -> str:
        """16 hex digits that tell two keys apart and say nothing of either."""
        return hmac.digest(self.secret, MARK, "sha256").hex()[:16]


def parse_key(text: str | None, key_id: str | None) -> HashKey | None:
    """The key of the two texts of the environment; None when there is neither. Raises HashKeyError."""
    if not text and not key_id:
        return None
    if not text:
        raise HashKeyError(f"{KEY_ID} is set and {KEY} is not: set both or neither")
    if not key_id or not NAME.fullmatch(key_id):
        raise HashKeyError(
            f"{KEY_ID} is missing or no short name: give the key a name of up to 31 letters, digits, _ . or -"
        )
    return HashKey(key_id, _secret(text.strip()))


def _secret(text: str) -> bytes:
    told = HashKeyError(f"{KEY} is no key: give 64 hex digits, or {LEAST_BYTES} random bytes or more in base64")
    try:
        found = bytes.fromhex(text) if re.fullmatch("[0-9A-Fa-f]{64}", text) else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise told from None
    if len(found) < LEAST_BYTES:
        raise told
    if len(set(found)) < 2:
        raise HashKeyError(f"{KEY} is one byte repeated, which anybody can guess: give {LEAST_BYTES} random bytes")
    return found


def home_key(
    private: Path, given: HashKey | None, *, is_demo: bool, is_hashed: bool, needed_by: str
) -> tuple[HashKey, bool]:
    """The key of a home, remembered in it from now on; and True when it was made just now, which only a demo's is.

    The arguments are those of `standing_key`; `needed_by` names the contract and a column, for the message. Raises
    HashKeyError.
    """
    made = False
    key = standing_key(private, given, is_demo=is_demo, is_hashed=is_hashed)
    if key is None and is_demo:
        secret = secrets.token_bytes(LEAST_BYTES)
        made = _write_once(private / "demo.key", secret.hex() + "\n")
        key = demo_key(private)
    if key is None:
        raise HashKeyError(
            f"{needed_by} is direct personal data and there is no key to hash it with: set {KEY} (64 hex digits, such "
            f"as openssl rand -hex 32 prints) and {KEY_ID} (a short name), and keep the key where it cannot be lost"
        )
    _write_once(private / "key.json", json.dumps({"key_id": key.key_id, "fingerprint": key.fingerprint}) + "\n")
    return key, made


def standing_key(private: Path, given: HashKey | None, *, is_demo: bool, is_hashed: bool) -> HashKey | None:
    """The key that a run would hash with, None where there is none yet; writes nothing.

    `given` is the environment's; `is_hashed` tells that the home holds raw files with hashes: its key was remembered
    before the first of them. Raises HashKeyError for another key than the home's, and where its key or its name is
    gone: under a new key no person would be found again.
    """
    key = given or (demo_key(private) if is_demo else None)
    known = _remembered(private)
    if known is None:
        if is_hashed:
            raise HashKeyError(f"{private / 'key.json'} is gone and the raw files are hashed: {RESTORE}")
        return key
    key_id, _ = known
    if key is None and key_id == DEMO:
        raise HashKeyError(f"{private / 'demo.key'} is gone and this home was hashed with it: {RESTORE}")
    if given is None and key is not None and key_id == DEMO and known != (key.key_id, key.fingerprint):
        raise HashKeyError(f"{private / 'demo.key'} is damaged, it is not the key of this home: {RESTORE}")
    if key is None or known != (key.key_id, key.fingerprint):
        found = "none" if key is None else "another key of that name" if key_id == key.key_id else f"key {key.key_id!r}"
        raise HashKeyError(
            f"{private.parent} was hashed with key {key_id!r}, this run has {found}: set {KEY} and {KEY_ID} to the "
            "key of this home, or begin a new home"
        )
    return key


def demo_key(private: Path) -> HashKey | None:
    """The demo's key, None where none has been made. Raises HashKeyError when it is damaged."""
    file = private / "demo.key"
    try:
        return HashKey(DEMO, _secret(file.read_text(encoding="ascii").strip()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise HashKeyError(f"{file} cannot be read or is no key: {RESTORE}") from None


def _remembered(private: Path) -> tuple[str, str] | None:
    """(name, fingerprint) of the key that the home was hashed with, None where nothing was hashed yet."""
    marker = private / "key.json"
    try:
        known = json.loads(marker.read_text(encoding="utf-8"))
        return str(known["key_id"]), str(known["fingerprint"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise HashKeyError(f"{marker} is damaged: {RESTORE}") from error


def _write_once(file: Path, text: str) -> bool:
    """Write a file that only this account can read, whole or not at all; False when it was there."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.write(text)
        os.link(partial, file)
    except FileExistsError:
        return False
    except OSError as error:
        raise HashKeyError(f"{file} cannot be written ({error.strerror}): make {file.parent} writable") from error
    finally:
        partial.unlink(missing_ok=True)
    return True
