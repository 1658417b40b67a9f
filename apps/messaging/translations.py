"""Which templates lack words in a language that people of ours read."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from apps.accounts.models import Contact, User
from apps.accounts.types import Stage

from . import locales
from .types import BY_PHONE, Channel

# A house where more mixtures of languages are written than this has typing errors, not readers.
_MOST_MIXTURES = 500


@dataclass(frozen=True)
class Readers:
    """People who read one language, and how many of them each kind of channel reaches."""

    locale: str
    people: int
    by_email: int
    by_phone: int

    def on(self, channel: str) -> int:
        """How many of them this channel reaches."""
        return self.by_email if channel == Channel.EMAIL else self.by_phone if channel in BY_PHONE else self.people


@dataclass(frozen=True)
class Gap:
    """A language without words, and how many people there are who would have read them."""

    channel: str
    locale: str
    people: int


def readers(user: User) -> list[Readers]:
    """Who reads what in somebody's book, the most read language first. People who left, and of customers who left, are not counted."""
    book = Contact.objects.for_user(user).filter(departed_on=None).exclude(account__stage=Stage.CHURNED)
    mixtures = book.values_list("locale", "account__locale").annotate(
        people=Count("pk"), by_email=Count("pk", filter=~Q(email="")), by_phone=Count("pk", filter=~Q(phone=""))
    )
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for own, firm, *counts in mixtures.order_by("-people", "locale", "account__locale")[:_MOST_MIXTURES]:
        tag = locales.normal(own) or locales.normal(firm) or locales.house()
        sums[tag] = [before + more for before, more in zip(sums[tag], counts, strict=True)]
    return sorted((Readers(tag, *counts) for tag, counts in sums.items()), key=lambda one: (-one.people, one.locale))


def gaps(there: Collection[tuple[str, str]], who: Iterable[Readers]) -> list[Gap]:
    """What one key lacks: `there` are its (channel, locale). Languages without their own words, counted by the language, whatever the country."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for channel in {channel for channel, _ in there}:
        written = {locale for one, locale in there if one == channel}
        for one in who:
            if one.on(channel) and not any(locales.serves(tag, one.locale) for tag in written):
                sums[channel, locales.widening(one.locale)[-1]] += one.on(channel)
    return sorted((Gap(*place, people) for place, people in sums.items()), key=lambda gap: (-gap.people, gap.locale, gap.channel))
