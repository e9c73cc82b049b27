"""What looks like personal data, by a column's name and by its values: a guess for a draft, for a person to confirm.

Belongs here: the words and patterns of e-mail addresses, telephone numbers, names, postal addresses, accounts.
Does not belong: what happens to personal data (direct.py).
A wrong `direct` hides a column behind hashes; a wrong `none` publishes somebody's address. So doubts go to `direct`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.contracts.contract import PersonalData

# Patterns of values (RE2), and the share of a column's distinct values from which they count: one e-mail address
# anywhere is no accident, a number that could be dialled is.
VALUE_PATTERNS: Mapping[str, tuple[str, float]] = {
    "e-mail addresses": (r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}", 0.0),
    "telephone numbers": (
        r"^(?:\+[0-9][0-9 ()./-]{6,18}|\(?0[0-9]{1,5}\)?[ /-][0-9 /-]{4,14}|0[1-9][0-9]{8,9}|1[3-9][0-9]{9}"
        r"|\(?[0-9]{3}\)?[ -][0-9]{3}-[0-9]{4})$",
        0.5,
    ),
    "names": (r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? [A-Z]", 0.5),
    "addresses": (
        r"(?i)^[0-9]+[a-z]? .*\b(?:street|st|road|rd|avenue|ave|lane|drive|square|close|court|boulevard|blvd)\b"
        r"|^[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}$",
        0.5,
    ),
}
# The same words written without a break (`emailaddress`), found anywhere in a name.
ANYWHERE = (
    "email",
    "phone",
    "address",
    "surname",
    "firstname",
    "lastname",
    "fullname",
    "postcode",
    "zipcode",
    "passport",
)
WORDS = {"mail", "tel", "telephone", "mobile", "fax", "street", "zip", "postal", "birthday", "birthdate", "dob", "ip"}
WORDS |= {"imei", "iban"}
# `name` means a person unless one of these says of what it is the name.
THINGS = {
    "product",
    "item",
    "article",
    "sku",
    "category",
    "brand",
    "campaign",
    "country",
    "city",
    "region",
    "shop",
    "store",
    "channel",
    "file",
    "event",
    "page",
    "department",
    "type",
    "status",
    "method",
    "warehouse",
    "supplier",
    "size",
    "color",
    "colour",
    "coupon",
    "promotion",
    "variant",
    "experiment",
    "currency",
    "plan",
    "source",
    "medium",
    "table",
    "column",
}
PEOPLE = {
    "customer",
    "user",
    "client",
    "account",
    "buyer",
    "visitor",
    "member",
    "session",
    "cookie",
    "person",
    "subscriber",
    "device",
}
NUMBERS = {"id", "no", "number", "nr", "key", "code", "hash", "uuid"}


def personal_class(name: str, shares: Mapping[str, float]) -> tuple[PersonalData, str]:
    """(class, why) of a column; `shares` maps the keys of VALUE_PATTERNS to the share of distinct values, 0 to 1."""
    for kind, (_, least) in VALUE_PATTERNS.items():
        if shares[kind] > least or (least and shares[kind] == least):
            return "direct", f"its values look like {kind}"
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    joined = name.lower().replace("_", "")
    of_person = "name" in words and not THINGS & set(words)
    if of_person or WORDS & set(words) or any(part in joined for part in ANYWHERE):
        return "direct", "its name says so"
    if PEOPLE & set(words) and (words[-1] in NUMBERS or len(words) == 1):
        kind = "direct" if "device" in words else "pseudonym"
        return kind, "its name says so"  # type: ignore[return-value]  # both are classes
    return "none", "neither name nor values look personal"
