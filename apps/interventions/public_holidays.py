"""Public holidays of countries and their parts, from the `holidays` library. Pure; the years are worked out once per process."""

from datetime import date
from functools import lru_cache
from logging import getLogger

log = getLogger(__name__)


def is_known(region: str) -> bool:
    """Whether the library knows a region such as `DE`, `DE-BY` or `US-CA`; the empty word is nowhere, where every day is like another."""
    from holidays import list_supported_countries

    country, _, part = region.partition("-")
    known = list_supported_countries()
    return not region or (country in known and (not part or part in known[country]))


def name_of(region: str, day: date) -> str:
    """What is celebrated there on that day; empty on an ordinary day."""
    return _year(region, day.year).get(day, "") if region else ""


@lru_cache(maxsize=256)
def _year(region: str, year: int) -> dict[date, str]:
    # The library is slow to import, so only those pay who name a region.
    from holidays import country_holidays

    country, _, part = region.partition("-")
    try:
        return dict(country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        log.warning("the holidays library does not know %s (any more): its days are ordinary ones until somebody names another region", region)
        return {}
