"""What an account has won, can ask for and has asked for, in the words of its reader."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account

from . import languages
from .models import BadgeAward, CatalogueItem, Redemption, RewardBalance, Streak, Tier, TierStanding
from .paths import in_language
from .rewards.ledger import balances_of
from .rewards.redeeming import affordable
from .types import Book, ItemState

MOST = 20


@dataclass(frozen=True)
class Item:
    """Something of the catalogue; `may`: what they have is enough for it."""

    key: str
    name: str
    text: str
    cost: str
    may: bool


@dataclass(frozen=True)
class Asked:
    name: str
    told: str
    note: str


@dataclass(frozen=True)
class Rewards:
    have: list[str]
    set_aside: list[str]
    tier: str = ""
    tier_words: str = ""
    streak: str = ""
    badges: list[tuple[str, str]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


def rewards_of(account: Account, language: str) -> Rewards | None:
    """None where the company gives no rewards."""
    balances, items = balances_of(account.pk), affordable(account)
    standing = TierStanding.objects.filter(account=account).exclude(tier="").first()
    badges = list(BadgeAward.objects.filter(account=account).select_related("badge").order_by("at", "pk")[:MOST])
    asked = list(Redemption.objects.filter(account=account).select_related("item").order_by("-pk")[:MOST])
    if not (balances or items or standing or badges or asked or Tier.objects.exists()):
        return None
    tier = Tier.objects.filter(key=standing.tier).first() if standing else None
    return Rewards(
        have=_amounts((one for one in balances if one.book == Book.ACCOUNT), language),
        set_aside=_amounts((one for one in balances if one.book == Book.RESERVED), language),
        tier=tier.name if tier else "",
        tier_words=str(in_language(tier.words, language) or "") if tier else "",
        streak=_streak(account, language),
        badges=[(award.badge.name, str(in_language(award.badge.words, language) or "")) for award in badges],
        items=[_item(item, may, language) for item, may in items],
        asked=[_asked(row, language) for row in asked],
    )


def item_offered(key: str) -> CatalogueItem | None:
    return CatalogueItem.objects.filter(key=key, state=ItemState.OFFERED).first()


def _amounts(balances: Iterable[RewardBalance], language: str) -> list[str]:
    return [amount_in_words(one.amount, one.unit, one.currency, language) for one in balances if one.amount > 0]


def amount_in_words(amount: Decimal, unit: str, currency: str, language: str) -> str:
    words = languages.words(language)["units"][unit]
    return str(words.format(amount=languages.figure(float(amount), language) if not currency else _money(amount, language), currency=currency))


def _money(amount: Decimal, language: str) -> str:
    told = f"{amount:,.2f}"
    return told if language == "en" else told.replace(",", "\u00a0").replace(".", ",")


def _streak(account: Account, language: str) -> str:
    """Only what was kept up is told; that a rhythm was missed is nobody's reproach."""
    row = Streak.objects.filter(account=account, length__gte=2).order_by("-step").first()
    return str(languages.words(language)[f"{row.step}s"].format(count=row.length)) if row else ""


def _words(item: CatalogueItem, language: str) -> dict[str, Any]:
    found = in_language(item.words, language)
    return found if isinstance(found, dict) else {}


def _item(item: CatalogueItem, may: bool, language: str) -> Item:
    words = _words(item, language)
    cost = amount_in_words(item.cost, item.unit, item.currency, language)
    return Item(item.key, str(words.get("name") or item.name), str(words.get("text") or ""), cost, may)


def _asked(row: Redemption, language: str) -> Asked:
    said = languages.words(language)
    told = said["asked_on"].format(state=said["states"][row.state], day=languages.day_in_words(row.asked_at, language))
    return Asked(str(_words(row.item, language).get("name") or row.item.name), told, row.note)
