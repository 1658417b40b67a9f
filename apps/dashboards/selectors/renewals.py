"""The Renewals page: what needs a word, the calendar, how it ended, and who was right."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, CharField, Exists, F, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from apps.accounts.models import Renewal, RenewalCall
from apps.accounts.selectors import calls as judged
from apps.accounts.types import Call, CallBy, RenewalState

PAGE_SIZE = 50
VIEWS = {"todo": "To do", "calendar": "Calendar", "decided": "Decided"}
_TONES = {Call.GOOD: "good", Call.AT_RISK: "warn", Call.CHURN: "bad"}
_STATE_TONES = {"renewed": "good", "expanded": "good", "contracted": "warn", "churned": "bad"}


@dataclass(frozen=True)
class Said:
    """A call as it is shown."""

    word: str
    tone: str
    chance: int
    checkpoint: int
    by: str


@dataclass(frozen=True)
class Row:
    renewal: Any
    days: int
    gate: int
    mine: Said | None
    model: Said | None
    why: str

    @property
    def differ(self) -> bool:
        return self.mine is not None and self.model is not None and self.mine.word != self.model.word

    @property
    def tone(self) -> str:
        return _STATE_TONES.get(self.renewal.state, "calm")


@dataclass(frozen=True)
class Month:
    """A month of the calendar with what is at stake in it, per currency."""

    first: date
    rows: list[Row]
    stake: dict[str, Decimal]
    silent: int


def page(user: Any, *, view: str, now: datetime, number: int) -> tuple[Page, list[Month] | list[Row]]:
    """To do: overdue decisions, then calls that differ from the model's, then gates without a call, each by date and money. Four statements."""
    today = now.date()
    rows = _called(Renewal.objects.for_user(user).select_related("account__owner", "subscription"), today)
    if view == "decided":
        rows = rows.exclude(state=RenewalState.OPEN).order_by("-decided_on", "-id")
    else:
        rows = rows.filter(state=RenewalState.OPEN)
        rows = rows.filter(rank__lt=3).order_by("rank", "due_on", "-arr", "id") if view == "todo" else rows.order_by("due_on", "-arr", "id")
    found = Paginator(rows, PAGE_SIZE).get_page(number)
    shown = [_row(one, today) for one in found]
    return found, _months(shown) if view == "calendar" else shown


def judgement(user: Any, *, now: datetime) -> judged.Judgement:
    """Over the renewals decided in the last two years."""
    return judged.judgement(user, since=now.date() - timedelta(days=730))


def _called(rows: QuerySet[Renewal], today: date) -> Any:
    """Every renewal with the newest word of both sides, the gate it stands at, and why it is on the list (rank)."""
    gate = Case(
        When(due_on__gt=today + timedelta(days=90), then=Value(180)),
        When(due_on__gt=today + timedelta(days=30), then=Value(90)),
        default=Value(30),
        output_field=IntegerField(),
    )
    calls = RenewalCall.objects.filter(renewal=OuterRef("pk"), withdrawn_at__isnull=True).order_by("-at", "-id")
    mine, model = calls.filter(by=CallBy.CSM), calls.filter(by=CallBy.MODEL)
    rows = rows.annotate(gate=gate)
    for name, said in (("mine", mine), ("model", model)):
        rows = rows.annotate(
            **{
                f"{name}_call": Subquery(said.values("call")[:1], output_field=CharField()),
                f"{name}_chance": Subquery(said.values("probability")[:1], output_field=FloatField()),
                f"{name}_gate": Subquery(said.values("checkpoint")[:1], output_field=IntegerField()),
                f"{name}_by": Subquery(said.values("author__full_name" if name == "mine" else "source")[:1], output_field=CharField()),
            }
        )
    rank = Case(
        When(due_on__lt=today, then=Value(0)),
        When(Q(mine_call__isnull=False, model_call__isnull=False) & ~Q(mine_call=F("model_call")), then=Value(1)),
        When(~Exists(mine.filter(checkpoint=OuterRef("gate"))), then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return rows.annotate(rank=rank)


def _row(one: Any, today: date) -> Row:
    days = (one.due_on - today).days
    why = ("Its day is past: say how it ended.", "You and the model differ.", f"No call at the {one.gate}-day gate yet.", "")[one.rank]
    return Row(one, days, one.gate, _said(one, "mine"), _said(one, "model"), why if one.state == RenewalState.OPEN else "")


def _said(one: Any, side: str) -> Said | None:
    word = getattr(one, f"{side}_call")
    if word is None:
        return None
    call = Call(word)
    return Said(
        str(call.label), _TONES[call], round(getattr(one, f"{side}_chance") * 100), getattr(one, f"{side}_gate"), getattr(one, f"{side}_by") or ""
    )


def _months(rows: list[Row]) -> list[Month]:
    found = []
    for first, group in groupby(rows, key=lambda row: row.renewal.due_on.replace(day=1)):
        inside = list(group)
        stake: dict[str, Decimal] = {}
        for row in inside:
            stake[row.renewal.currency] = stake.get(row.renewal.currency, Decimal()) + row.renewal.arr
        found.append(Month(first, inside, stake, sum(1 for row in inside if row.renewal.rank == 2)))
    return found
