"""Whether the incremental read-out tells the truth where last touch cannot: generated worlds whose truth is known, through the product's own code.

A world: accounts with an inclination of their own, one campaign to all of them with a fifth held out by the product's hash, a true effect of 4 of 100
on expansions, and a search advertisement without any effect that those who are about to expand click on just before they do (self-selected last
touches). Amounts are heavy tailed. Per world the rows are written (recipients, delivered messages, touches, movements, activity), `results.readout`
and `results.attribution` are asked, and all is taken back. ATTRIBUTION_RUNS sets the number of worlds (400).
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from apps.accounts.models import Account, ActivityEvent, ArrMovement, Contact
from apps.campaigns.models import Campaign, CampaignVersion, Occurrence, OutsideTouch, Recipient
from apps.campaigns.selectors import results
from apps.campaigns.types import AttributedOutcome, AttributionModel
from apps.core.shares import position
from apps.experiments.selectors import Arm, strata
from apps.messaging.models import Message

RUNS = int(os.environ.get("ATTRIBUTION_RUNS", "400"))
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT = NOW - timedelta(days=45)
WINDOW, HELD_PERCENT = 30, 20
GAIN = 0.04
# Of those who expand so many click on the advertisement first; of the others so many at any time.
CLICKS_BEFORE, CLICKS_ANYWAY = 0.35, 0.03
MEDIAN_AMOUNT, SPREAD = 1_000.0, 1.0
MEAN_AMOUNT = MEDIAN_AMOUNT * float(np.exp(SPREAD**2 / 2))


@dataclass(frozen=True)
class Asked:
    """What one world's rows made the product say, beside its truth."""

    truth: float
    truth_arr: float
    goal: tuple[float, float]
    revenue: tuple[float, float]
    outcomes: tuple[float, float, float]
    arr: tuple[float, float]
    treated: int
    credited: dict[str, float]
    advertisement: float


@dataclass(frozen=True)
class Town:
    accounts: list[int]
    contacts: list[int]
    messages: list[int]


def town(count: int) -> Town:
    """Accounts with a contact and a delivered message each; who is held out in a world has no use for theirs."""
    accounts = Account.objects.bulk_create([Account(external_id=f"world-{n}", name=f"World {n}") for n in range(count)])
    contacts = Contact.objects.bulk_create([Contact(account=one, external_id=f"world-{one.pk}", name="Somebody") for one in accounts])
    sent = AT + timedelta(hours=1)
    told = {"channel": "email", "state": "delivered", "due_at": AT, "expires_at": sent, "sent_at": sent, "delivered_at": sent, "created_at": AT}
    rows = [
        Message(account=one, contact=person, subject="Hello", body="Hello", idem_key=f"world:{one.pk}", reply_token=f"world{one.pk}", **told)
        for one, person in zip(accounts, contacts, strict=True)
    ]
    messages = Message.objects.bulk_create(rows)
    return Town([one.pk for one in accounts], [one.pk for one in contacts], [one.pk for one in messages])


def world(place: Town, seed: int, *, gain: float = GAIN) -> Asked:
    """Write a world, ask the product, take everything back."""
    with transaction.atomic():
        asked = _asked(place, seed, gain)
        transaction.set_rollback(True)
    return asked


def _asked(place: Town, seed: int, gain: float) -> Asked:
    draw = np.random.default_rng(seed)
    count = len(place.accounts)
    campaign = _campaign(seed)
    held = np.array([position(f"campaign:{campaign.key}", key) < HELD_PERCENT / 100 for key in place.accounts])
    _audience(campaign, place, held)
    inclined = draw.beta(1.2, 8.8, count)
    expands = draw.random(count) < np.where(held, inclined * (1 - gain), inclined * (1 - gain) + gain)
    days = draw.uniform(2, WINDOW - 2, count)
    amounts = draw.lognormal(np.log(MEDIAN_AMOUNT), SPREAD, count).round(2)
    clicks = draw.random(count) < np.where(expands, CLICKS_BEFORE, CLICKS_ANYWAY)
    _outcomes(place, expands, days, amounts)
    _clicks(place, clicks, days)
    read = results.readout(campaign, now=NOW).whole
    told = results.attribution(outcome=AttributedOutcome.EXPANSION, now=NOW, days=60, window_days=WINDOW)
    mine = next(one for one in told.credits if one.kind == "campaign")
    search = next(one for one in told.credits if one.kind == "outside")
    found = mine.incremental
    assert found is not None
    assert found.arr_low is not None
    assert found.arr_high is not None
    assert read.revenue.low is not None
    assert read.revenue.high is not None
    return Asked(
        truth=gain,
        truth_arr=gain * MEAN_AMOUNT,
        goal=(read.goal.effect.low, read.goal.effect.high),
        revenue=(read.revenue.low, read.revenue.high),
        outcomes=(found.low / found.treated, found.high / found.treated, found.outcomes / found.treated),
        arr=(found.arr_low / found.treated, found.arr_high / found.treated),
        treated=found.treated,
        credited={model.value: mine.outcomes[model] for model in AttributionModel},
        advertisement=search.outcomes[AttributionModel.LAST],
    )


def _campaign(seed: int) -> Campaign:
    campaign = Campaign.objects.create(key=f"world-{seed}", name="World", launched_at=AT)
    says: dict[str, Any] = {"holdout_percent": HELD_PERCENT, "window_days": WINDOW, "variants": [{"name": "a", "template": "hello"}]}
    says["goal"] = {"reached": {"kind": "activity", "name": "world.expanded"}}
    campaign.current = CampaignVersion.objects.create(campaign=campaign, number=1, definition=says, created_at=AT, created_by="job:benchmark")
    campaign.state = "live"
    campaign.save()
    return campaign


def _audience(campaign: Campaign, place: Town, held: np.ndarray) -> None:
    assert campaign.current is not None
    once = Occurrence.objects.create(campaign=campaign, version=campaign.current, key="once", state="done", due_at=AT, frozen_at=AT, done_at=AT)
    rows = [
        Recipient(
            occurrence=once, account_id=account, contact_id=contact, **({"state": "held_out"} if out else {"state": "handed", "message_id": told})
        )
        for account, contact, told, out in zip(place.accounts, place.contacts, place.messages, held, strict=True)
    ]
    Recipient.objects.bulk_create(rows)


def _outcomes(place: Town, expands: np.ndarray, days: np.ndarray, amounts: np.ndarray) -> None:
    who = np.flatnonzero(expands)
    moments = {n: AT + timedelta(days=float(days[n])) for n in who}
    common = {"kind": "expansion", "currency": "USD", "recorded_at": AT, "source": "world", "actor": "job:benchmark"}
    ArrMovement.objects.bulk_create(
        [
            ArrMovement(
                account_id=place.accounts[n],
                amount=float(amounts[n]),
                effective_on=moments[n].date(),
                idem_key=f"world:{place.accounts[n]}",
                **common,
            )
            for n in who
        ]
    )
    ActivityEvent.objects.bulk_create(
        [
            ActivityEvent(
                account_id=place.accounts[n],
                source="world",
                message_id=f"world-{place.accounts[n]}",
                name="world.expanded",
                at=moments[n],
                received_at=moments[n],
            )
            for n in who
        ]
    )


def _clicks(place: Town, clicks: np.ndarray, days: np.ndarray) -> None:
    rows = [
        OutsideTouch(
            source="ads",
            external_id=f"world-{place.accounts[n]}",
            account_id=place.accounts[n],
            kind="clicked",
            at=AT + timedelta(days=float(days[n]), hours=-3),
            campaign_name="Search",
            told_at=NOW,
        )
        for n in np.flatnonzero(clicks)
    ]
    OutsideTouch.objects.bulk_create(rows)


def method_covers(worlds: int, *, count: int = 2_000, gain: float = GAIN) -> float:
    """The same worlds without rows: how often the interval itself holds the truth, so that a few hundred worlds can be told from chance."""
    draw, held_it = np.random.default_rng(7), 0
    for _ in range(worlds):
        held, inclined = draw.random(count) < HELD_PERCENT / 100, draw.beta(1.2, 8.8, count)
        expands = draw.random(count) < np.where(held, inclined * (1 - gain), inclined * (1 - gain) + gain)
        sides = [Arm(int(side.sum()), int(expands[side].sum())) for side in (~held, held)]
        found = strata.stratified([(sides[0], sides[1])])
        held_it += covered((found.low, found.high), gain)
    return held_it / worlds


def covered(interval: tuple[float, ...], truth: float) -> bool:
    return interval[0] <= truth <= interval[1]


def figures(worlds: list[Asked]) -> dict[str, float]:
    truth = float(np.mean([one.truth * one.treated for one in worlds]))
    return {
        "incremental_covers": round(float(np.mean([covered(one.outcomes, one.truth) for one in worlds])), 4),
        "goal_covers": round(float(np.mean([covered(one.goal, one.truth) for one in worlds])), 4),
        "revenue_covers": round(float(np.mean([covered(one.revenue, one.truth_arr) for one in worlds])), 4),
        "attributed_revenue_covers": round(float(np.mean([covered(one.arr, one.truth_arr) for one in worlds])), 4),
        "incremental_over_truth": round(float(np.mean([one.outcomes[2] * one.treated for one in worlds])) / truth, 3),
        **{
            f"{model}_touch_over_truth": round(float(np.mean([one.credited[model] for one in worlds])) / truth, 2)
            for model in AttributionModel.values
        },
        "last_touch_within_incremental_interval": round(
            float(np.mean([covered(one.outcomes, one.credited["last"] / one.treated) for one in worlds])), 4
        ),
        "last_touch_for_what_has_no_effect": round(float(np.mean([one.advertisement for one in worlds])), 1),
        "true_outcomes": round(truth, 1),
    }


def run() -> dict[str, Any]:
    with transaction.atomic():
        place = town(2_000)
        found = figures([world(place, seed) for seed in range(RUNS)])
        nothing = figures([world(place, 100_000 + seed, gain=1e-9) for seed in range(max(RUNS // 4, 50))])
        transaction.set_rollback(True)
    more = {"incremental_covers_no_effect": nothing["incremental_covers"], "interval_covers_without_rows": round(method_covers(20 * RUNS), 4)}
    return {"runs": RUNS, **found, **more}
