"""The people: who has an account, of which planted type, with which rhythm and attributes.

Belongs here: what is drawn once when a person registers, and the changes of an account later. Does not belong here:
what they like (tastes.py), when they buy (demand.py), their names as text (tables.py reads words.py).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulator.arguments import Arguments
from simulator.catalogue import Catalogue
from simulator.clock import DAY, HOUR, NEVER, Bools, Floats, Ints
from simulator.streams import stream
from simulator.tastes import draw_favourites, draw_tastes
from simulator.words import CITIES, FAMILY_NAMES, FIRST_NAMES, FOREIGN_CITIES, GIVEN, HOME_CITIES, SURNAMES

TYPES = ("loyal_replenisher", "festival_hunter", "bargain_seeker", "big_basket", "gift_buyer")
TYPE_SHARES = (0.24, 0.18, 0.20, 0.13, 0.25)
FOREIGN_SHARE = 0.12
# Of about as many accounts as are asked for, this share is there on the first day; the others come within 120 days.
THERE_AT_FIRST, DAYS_TO_COME = 0.62, 120
CHANGES_PER_DAY = 1 / 350
CHANNELS = ("organic_search", "paid_search", "social", "referral", "direct")


@dataclass(frozen=True)
class People:
    """Arrays over accounts, ordered by the moment of registering: index + 1 is the number in the id.

    registered: seconds (negative: before the first day). kind: index into TYPES. rhythm: days between visits of a
    replenisher, or visits a day of the others. churn: chance to leave on a day when all goes well. changed: the moment
    of the account's one later change (NEVER), to city_after, phone_after and marketing_after.
    """

    registered: Ints
    kind: Ints
    foreign: Bools
    city: Ints
    city_after: Ints
    family: Ints
    given: Ints
    gender: Ints
    birth_year: Ints
    has_phone: Bools
    phone: Ints
    phone_after: Ints
    channel: Ints
    marketing: Bools
    marketing_after: Bools
    personalisation: Bools
    long_name: Bools
    changed: Ints
    rhythm: Floats
    churn: Floats
    loves_app: Floats
    moves_to_other_location: Bools
    tastes: Floats
    favourites: Ints

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.registered)


def make_people(arguments: Arguments, catalogue: Catalogue) -> People:
    """All accounts that exist by the last day: those of the first day, then each day's new ones from its stream."""
    first = round(arguments.customers * THERE_AT_FIRST)
    mean = arguments.customers * (1 - THERE_AT_FIRST) / DAYS_TO_COME
    batches = [_draw(stream(arguments.seed, "people", -1), first, -1, catalogue)]
    for day in range(arguments.days):
        rng = stream(arguments.seed, "people", day)
        batches.append(_draw(rng, int(rng.poisson(mean)), day, catalogue))
    return People(*(np.concatenate([getattr(b, f.name) for b in batches]) for f in fields(People)))


def _draw(rng: np.random.Generator, n: int, day: int, catalogue: Catalogue) -> People:
    """`n` accounts that registered on `day` (-1: in the two years before the first day)."""
    kind = rng.choice(len(TYPES), n, p=TYPE_SHARES)
    foreign = rng.random(n) < FOREIGN_SHARE
    weights = [np.array([c.weight for c in cities]) for cities in (HOME_CITIES, FOREIGN_CITIES)]
    home, abroad = (rng.choice(len(w), (2, n), p=w / w.sum()) for w in weights)
    city, city_after = np.where(foreign, abroad + len(HOME_CITIES), home)
    if day < 0:
        registered = np.sort((-(730 * DAY) * rng.random(n) ** 1.4).astype(np.int64)) - 1
    else:
        registered = np.sort(day * DAY + rng.integers(HOUR, 22 * HOUR, n))
    phones = rng.integers(0, 10**8, (2, n))
    wait = np.ceil(rng.exponential(1 / CHANGES_PER_DAY, n)).astype(np.int64)
    changed = (max(day, 0) + wait) * DAY + rng.integers(7 * HOUR, 23 * HOUR, n)
    marketing = rng.random(n) < 0.62
    tastes = draw_tastes(rng, kind)
    return People(
        registered=registered,
        kind=kind,
        foreign=foreign,
        city=city,
        city_after=np.where(rng.random(n) < 0.5, city_after, city),
        family=rng.integers(0, np.where(foreign, len(FAMILY_NAMES), len(SURNAMES))),
        given=rng.integers(0, np.where(foreign, len(FIRST_NAMES), len(GIVEN))),
        gender=rng.choice(3, n, p=[0.5, 0.34, 0.16]),
        birth_year=np.where(rng.random(n) < 0.7, rng.integers(1955, 2007, n), 0),
        has_phone=rng.random(n) < np.where(foreign, 0.35, 0.93),
        phone=phones[0],
        phone_after=np.where(rng.random(n) < 0.3, phones[1], phones[0]),
        channel=rng.choice(len(CHANNELS), n, p=[0.3, 0.22, 0.25, 0.09, 0.14]),
        marketing=marketing,
        marketing_after=marketing ^ (rng.random(n) < 0.5),
        personalisation=rng.random(n) < 0.86,
        long_name=foreign & (rng.random(n) < 0.08),
        changed=np.where(wait < 2000, changed, NEVER),
        rhythm=_rhythms(rng, kind),
        churn=np.array([0.0007, 0.0010, 0.0020, 0.0010, 0.0100])[kind] * rng.uniform(0.4, 1.6, n),
        loves_app=rng.beta(1.2, 1.2, n),
        moves_to_other_location=rng.random(n) < 0.55,
        tastes=tastes,
        favourites=draw_favourites(rng, tastes, catalogue),
    )


def _rhythms(rng: np.random.Generator, kind: Ints) -> Floats:
    """Days between visits of replenishers (near a week, two, three, a month or six weeks); visits a day of others."""
    n = len(kind)
    days = rng.choice([8.0, 14.0, 21.0, 30.0, 42.0], n, p=[0.1, 0.25, 0.3, 0.25, 0.1]) * rng.uniform(0.9, 1.1, n)
    # Three sorts of people, not a gamma distribution: no model may find its own assumption here.
    liveliness = rng.choice([0.45, 1.0, 2.1], n, p=[0.35, 0.45, 0.20]) * rng.uniform(0.85, 1.15, n)
    rate = np.array([0.0, 0.011, 0.030, 0.10, 0.004])[kind] * liveliness
    return np.where(kind == 0, days, rate)


def city_at(people: People, who: Ints, moment: Ints) -> Ints:
    """Index of the city where each of `who` lives at a moment."""
    return np.where(moment >= people.changed[who], people.city_after[who], people.city[who])


SERVING = np.array([city.location for city in CITIES])


def draw_guests(arguments: Arguments, catalogue: Catalogue) -> People:
    """People who buy without an account; some come again with the same e-mail address."""
    return _draw(stream(arguments.seed, "guests", -1), max(arguments.customers // 3, 10), -1, catalogue)
