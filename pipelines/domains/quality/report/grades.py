"""Grades of a shop whose truth is known: what was seen against what is asked, and the fates of planted rows.

Belongs here: how grades are told. Does not belong here: measuring them, and what they are called: the words of
capabilities, measures and rules come with the grades; one without words (of a version graded long ago) is told by name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.sections import Context, Section, lead, note, section

FATES = "fate right: "

Grade = Mapping[str, Any]


def grades(context: Context) -> Section | None:
    """How many pass, and all of them by capability, what fails first; None for a shop without an answer key."""
    if not context.grades:
        return None
    language = context.language
    groups: dict[str, list[Grade]] = defaultdict(list)
    for grade in context.grades:
        groups[str(grade["capability"])].append(grade)
    failed = sum(not grade["pass"] for grade in context.grades)
    counts = {"n": language.count(len(context.grades)), "passed": language.count(len(context.grades) - failed)}
    key = "grades.lead_failed" if failed else "grades.lead"
    # sorted() keeps the given order among equals.
    ordered = sorted(groups.items(), key=lambda group: all(grade["pass"] for grade in group[1]))
    body = section(
        context,
        "grades",
        lead(language.text(key, failed=language.count(failed), **counts)),
        note(language.text("grades.note")),
        tag("div", *(_group(name, group, language) for name, group in ordered), class_="graded"),
    )
    return Section("grades", body)


def fates(context: Context) -> Html | None:
    """Each class of planted rows with the share that met the right fate; None where nothing was planted."""
    language = context.language
    planted = [grade for grade in context.grades if str(grade["measure"]).startswith(FATES)]
    if not planted:
        return None
    chips = [
        tag(
            "div",
            tag("dt", _words(grade, language)[-1]),
            tag("dd", _seen(grade, language), data_tone="" if grade["pass"] else "bad"),
            class_=None if grade["pass"] else "failed",
        )
        for grade in sorted(planted, key=lambda grade: bool(grade["pass"]))
    ]
    right = sum(bool(grade["pass"]) for grade in planted)
    told = language.text("fates.told", right=language.count(right), n=language.count(len(planted)))
    return tag("div", tag("h4", language.text("fates.title")), note(told), tag("dl", *chips, class_="fates"))


def _group(name: str, group: Sequence[Grade], language: Language) -> Html:
    passed = sum(bool(grade["pass"]) for grade in group)
    counts = {"passed": language.count(passed), "n": language.count(len(group))}
    tone = "" if passed == len(group) else "bad"
    words = _texts(group[0]).get("capability", {}).get(language.code, name)
    title = tag("h4", words, " ", tag("small", language.text("grades.passed", **counts), data_tone=tone))
    head = [language.text(f"grades.{column}") for column in ("measure", "value", "bar")]
    rows = [_failed(grade, language) for grade in group if not grade["pass"]]
    rows += [_passed(shared, alike, language) for shared, alike in _folded([g for g in group if g["pass"]])]
    return tag("article", title, table(words, head, rows))


def _folded(passing: Sequence[Grade]) -> list[tuple[str, list[Grade]]]:
    """Grades that share a part of their name and the bar together, under that part; others alone, under ''."""
    shared = Counter((part, grade["bar"]) for grade in passing for part in _parts(grade) if not grade.get("rule"))
    found: dict[tuple[str, float], list[Grade]] = defaultdict(list)
    for number, grade in enumerate(passing):
        common = [part for part in _parts(grade) if shared[part, grade["bar"]] > 1]
        found[common[0] if common else f"\0{number}", grade["bar"]].append(grade)
    return [("" if part.startswith("\0") else part, alike) for (part, _), alike in found.items()]


def _parts(grade: Grade) -> list[str]:
    return str(grade["measure"]).split(": ")


def _passed(shared: str, alike: Sequence[Grade], language: Language) -> tuple[str, ...]:
    bar = _bar(alike[0], language)
    if not shared:
        return (_name(alike[0], language), _seen(alike[0], language), bar)
    words = [pair for grade in alike for pair in zip(_parts(grade), _words(grade, language), strict=True)]
    others = [told for part, told in words if part != shared]
    told = tag("span", tag("span", dict(words)[shared], class_="measure"), tag("br"),
               tag("small", language.text("list_separator").join(others)))  # fmt: skip
    ordered = sorted(alike, key=lambda grade: float(grade["value"]))
    ends = dict.fromkeys(_seen(grade, language) for grade in (ordered[0], ordered[-1]))
    return (told, " – ".join(ends), bar)


def _failed(grade: Grade, language: Language) -> tuple[str, ...]:
    return (
        tag("strong", _name(grade, language), data_tone="bad"),
        tag("strong", "✗ ", _seen(grade, language), data_tone="bad"),
        _bar(grade, language),
    )


def _name(grade: Grade, language: Language) -> str:
    return language.text("colon").join(_words(grade, language))


def _words(grade: Grade, language: Language) -> list[str]:
    """What each part of a measure's name is called."""
    words = [text.get(language.code) for text in _texts(grade).get("measure", ())]
    return words if len(words) == len(_parts(grade)) else _parts(grade)


def _texts(grade: Grade) -> Mapping[str, Any]:
    return grade.get("texts") or {}


def _seen(grade: Grade, language: Language) -> str:
    return _value(grade, grade["value"], language, float(grade["bar"]))


def _value(grade: Grade, value: float | None, language: Language, bar: float | None = None) -> str:
    """The value with as few digits as say something; it is not rounded to the bar, to nothing or to all."""
    if value is None:
        return language.text("grades.not_measured")
    is_share = bool(grade.get("is_share"))
    shown = 100 * value if is_share else value
    ends = {0.0, 100.0, None if bar is None else round(100 * bar, 3)} if is_share else set()
    digits = next(
        digits
        for digits in range(4)
        if digits == 3
        or abs(round(shown, digits) - shown) < 5e-4
        or (is_share and digits > 0 and round(shown, digits) not in ends)
    )
    return language.percent(value, digits) if is_share else language.number(value, digits)


def _bar(grade: Grade, language: Language) -> str:
    """The bar with its direction, and the rule to beat where there is one.

    A direction that is not told follows from the verdict: a value above the bar that passes was asked to be at least
    that."""
    value, bar = grade["value"], float(grade["bar"])
    if value is None or value == bar:
        # Nothing is asked to be at least 0, and no share at most 1.
        sense = "at_most" if bar == 0 else "at_least" if bar == 1 else "given"
    else:
        sense = "at_least" if (value > bar) == bool(grade["pass"]) else "at_most"
    direction = str(grade.get("sense", sense)).replace(" ", "_")
    asked = language.text(f"grades.{direction}", bar=_value(grade, bar, language))
    rule = grade.get("rule")
    if not rule:
        return asked
    beaten = _value(grade, rule["value"], language)
    return language.text("grades.rule", asked=asked, name=rule[language.code], value=beaten)
