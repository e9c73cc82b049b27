"""The part of a shop file that belongs to the domains: which are switched off, and the settings of the others.

Belongs here: checking a shop file's section against the domains that there are and their settings. Does not belong
here: finding domains (pipelines.domains), what a setting means (`pipelines/domains/<domain>/settings.py`, a frozen
dataclass with a default for every field), nor what a domain that is off leaves out (pipelines.defs.lineage).
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from pipelines.domains import domain_names, domain_parts
from pipelines.settings.errors import SettingsError

MODULE = "settings"
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


def domains_off(section: Mapping[str, Any]) -> frozenset[str]:
    """The domains that a shop file's section `domains` switches off."""
    return frozenset(name for name, value in section.items() if value is False)


def domain_settings(shop_file: Path, section: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of every domain that has some and is on: its dataclass, filled from `section` (the shop file's
    `domains`) and, where that says nothing, by its defaults. Raises SettingsError naming the file and the key."""
    for name, value in section.items():
        place = f"{shop_file}: domains.{name}"
        if name not in domain_names():
            raise SettingsError(f"{place}: there is no such domain: write one of {', '.join(domain_names())}")
        if value is not False and not isinstance(value, dict):
            raise SettingsError(f"{place}: is {value!r}: write off, or the domain's settings by name")
        if value and _settings_class(name) is None:
            raise SettingsError(f"{place}: this domain has no settings: write off, or remove the key")
    if domains_off(section) >= {*domain_names()}:
        raise SettingsError(f"{shop_file}: domains: all of them are off: leave one on, there is nothing to report else")
    found: dict[str, Any] = {}
    for name in domain_names():
        form = _settings_class(name)
        if form is not None and name not in domains_off(section):
            found[name] = _filled(f"{shop_file}: domains.{name}", form, section.get(name) or {})
    return found


def _settings_class(domain: str) -> type[Any] | None:
    """The frozen dataclass of a domain's settings.py, None where it has none. Raises SettingsError when there is not
    exactly one."""
    name = domain_parts(MODULE).get(domain)
    if name is None:
        return None
    module = importlib.import_module(name)
    forms = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and dataclasses.is_dataclass(item) and item.__module__ == name
    ]
    if len(forms) != 1 or not forms[0].__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise SettingsError(f"{name} does not hold one frozen dataclass: write one, with a default for every field")
    return forms[0]


def _filled(place: str, form: type[Any], given: Mapping[str, Any]) -> Any:
    try:
        values = TypeAdapter(checked_dataclass(form, config=STRICT, frozen=True)).validate_python(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join([place, *(str(part) for part in first["loc"])])
        if first["type"] == "unexpected_keyword_argument":
            raise SettingsError(f"{at}: this key is unknown: correct its spelling or remove it") from error
        if first["type"] == "missing":
            raise SettingsError(f"{at}: this key is missing: add it") from error
        raise SettingsError(f"{at}: {first['msg'].removeprefix('Value error, ')}") from error
    return form(**{field.name: getattr(values, field.name) for field in dataclasses.fields(form)})
