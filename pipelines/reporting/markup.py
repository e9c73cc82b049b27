"""HTML and embedded JSON that no text from the data can break out of.

Belongs here: escaping, tags, tables, inline trend lines. Does not belong here: what a section says.
A plain `str` is data and gets escaped; only `Html` stands as it is, and only `tag` and `joined` make one.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Sequence

_VOID = {"br", "input", "meta"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: object) -> Html:
    """An element. Of attributes a last underscore goes, others become hyphens; None and False are left out."""
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        written.append(f" {attribute}" if value is True else f' {attribute}="{html.escape(str(value))}"')
    opened = f"<{name}{''.join(written)}>"
    return Html(opened if name in _VOID else f"{opened}{joined(children)}</{name}>")


def joined(children: Iterable[str | None]) -> Html:
    """The children one after the other, plain text escaped."""
    return Html("".join(c if isinstance(c, Html) else html.escape(c) for c in children if c is not None))


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int = 1, **attributes: object
) -> Html:
    """A table; the first cell of a row is its header, the first `texts` columns are text, the others numbers."""
    sides = ["text" if number < texts else "number" for number in range(len(head))]
    header = [tag("th", cell, scope="col", class_=side) for cell, side in zip(head, sides, strict=True)]
    body = []
    for row in rows:
        cells = [
            tag("td" if number else "th", cell, class_=sides[number], scope=None if number else "row")
            for number, cell in enumerate(row)
        ]
        body.append(tag("tr", *cells))
    inner = (
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", *header)),
        tag("tbody", *body),
    )
    return tag(
        "div", tag("table", *inner, **attributes), class_="scroll", tabindex="0", role="group", aria_label=caption
    )


def json_script(value: object, element_id: str) -> Html:
    """JSON for a script to read; `<`, `>`, `&` and JavaScript's line ends are escaped: no text can end the element."""
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Html(f'<script type="application/json" id="{html.escape(element_id)}">{text}</script>')


def script(source: str) -> Html:
    """JavaScript of our own or of a library as an element."""
    safe = source.replace("</script", r"<\/script").replace("<!--", r"<\!--")
    return Html(f"<script>{safe}</script>")


def trend(values: Sequence[float], label: str) -> Html:
    """A line of the values on a scale from 0 to their maximum, with a dot at the end."""
    top = max([*values, 1e-9])
    step = 88 / max(len(values) - 1, 1)
    points = [(4 + step * number, 21 - 18 * max(value, 0) / top) for number, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    end_x, end_y = points[-1]
    inner = (
        tag("title", label),
        tag("polyline", points=path),
        tag("circle", cx=f"{end_x:.1f}", cy=f"{end_y:.1f}", r="2.2"),
    )
    return tag("svg", *inner, class_="trend", viewBox="0 0 96 24", role="img", aria_label=label)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
