"""Which of dbt's own events are built while it works in this process.

Belongs here: leaving out those that nobody reads. Does not belong here: reading them (dbt_build.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def only(wanted: Collection[str]) -> Iterator[None]:
    """Of dbt's debug events only these (names of their classes) are told; what says more than debugging is told always.

    dbt puts an event into two messages of protocol buffers for every statement that it sends, before it asks whether
    anybody wants it, and has no flag against that: a sixth of a day's build. Here an event becomes a message when it is
    read.
    """
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    build: Any = BaseEvent.__init__
    read: Any = BaseEvent.__getattr__
    fire: Any = EventManager.fire_event

    def build_later(self: Any, *args: Any, **told: Any) -> None:
        self.__dict__["unread"] = args, told

    def read_built(self: Any, key: str) -> Any:
        if unread := self.__dict__.pop("unread", None):
            build(self, *unread[0], **unread[1])
        return read(self, key)

    def fire_wanted(self: Any, e: Any, level: Any = None, *rest: Any, **named: Any) -> None:
        if type(e).__name__ in wanted or (level or e.level_tag()) != EventLevel.DEBUG:
            fire(self, e, level, *rest, **named)

    changed = {"__init__": build_later, "__getattr__": read_built}, {"fire_event": fire_wanted}
    before = {"__init__": build, "__getattr__": read}, {"fire_event": fire}
    _set((BaseEvent, EventManager), changed)
    try:
        yield
    finally:
        _set((BaseEvent, EventManager), before)


def _set(classes: Sequence[type], methods: Sequence[Mapping[str, Any]]) -> None:
    for owner, named in zip(classes, methods, strict=True):
        for name, method in named.items():
            setattr(owner, name, method)
