"""The report of a version: written beside its tables before readers see them, or anew at any time.

Belongs here: where the files lie and what a failure means. Does not belong here: what the report shows
(the `report/` of the domains) and how it is put together (pipelines.reporting).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.defs.held import holding_folder
from pipelines.domains import domain_parts
from pipelines.modeling.cards import ModelCard
from pipelines.settings.environment import Settings
from pipelines.store.published.publication import open_published
from pipelines.store.published.versions import load_manifest

LANGUAGES = ("en", "zh")
GRADES = "grades.json"


def report_file(settings: Settings, version_dir: Path, language: str) -> Path:
    """Where the report of a version lies: index.html in the shop's language, index.<language>.html in another."""
    name = "index.html" if language == settings.shop.report_language else f"index.{language}.html"
    return version_dir / "report" / name


def write_report(
    settings: Settings, cards: Sequence[ModelCard], version_dir: Path, manifest: dict[str, Any], language: str
) -> Path:
    """Write the report of the version in `version_dir`, the one language to open with and the other behind a switch,
    renamed into place; returns its path. Its pages are those of the domains."""
    from pipelines.reporting.pages import find_pages
    from pipelines.reporting.report import build_report

    with open_published(version_dir) as con:
        page = build_report(
            con,
            pages=find_pages(domain_parts("report"), without=settings.domains_off),
            manifest=manifest,
            languages=sorted(LANGUAGES, key=lambda code: code != language),
            cards=cards,
            grades=read_grades(version_dir),
            bundle=_bundle(holding_folder(settings)),
        )
    target = report_file(settings, version_dir, language)
    _write(target, page)
    return target


def reported(
    settings: Settings, cards: Sequence[ModelCard], version_dir: Path, manifest: dict[str, Any]
) -> dict[str, str]:
    """Write the report in the shop's language; what to tell of it. Tables that passed their audit are published also
    when a picture fails."""
    try:
        write_report(settings, cards, version_dir, manifest, settings.shop.report_language)
    except Exception as error:
        return {"report_failed": f"{type(error).__name__}: {error}"}
    return {}


def redraw_reports(settings: Settings, cards: Sequence[ModelCard], version_dir: Path) -> list[Path]:
    """Draw the report of a version anew in every language that it has been drawn in, and in the shop's; the files."""
    manifest = load_manifest(version_dir)
    own = settings.shop.report_language
    drawn = [name for name in LANGUAGES if name == own or report_file(settings, version_dir, name).exists()]
    return [write_report(settings, cards, version_dir, manifest, language) for language in drawn]


def read_grades(version_dir: Path) -> list[dict[str, Any]]:
    """The grades that were given to this very version; none where it was not graded. Raises ValueError when the file
    is no list of grades."""
    file = version_dir / "report" / GRADES
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def _bundle(folder: Path) -> str:
    """The charts' JavaScript; making it takes over a second, so it is kept per release, for all homes."""
    file = folder / f"vega-{version('vl-convert-python')}.js"
    if not file.exists():
        from pipelines.reporting.report import vega_bundle

        _write(file, vega_bundle())
    return file.read_text(encoding="utf-8")


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)
