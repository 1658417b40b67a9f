"""Who a step reaches, looked up in its time, because people leave and take turns."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from apps.accounts.models import Account, Team, User
from apps.alerts.models import ClimbStep, DutyRota, OutsideChannel
from apps.alerts.types import StepKind, Whom
from apps.interventions import selectors as work

from . import rotas
from .steps import Step


@dataclass(frozen=True)
class About:
    """What the climb is for, as far as it says who is told. Without an account it is about the platform itself."""

    account: Account | None
    owner: User | None
    head: User | None


@dataclass(frozen=True)
class Reached:
    """The people and channels of a step, and who has it from now on."""

    people: tuple[User, ...] = ()
    channels: tuple[OutsideChannel, ...] = ()

    @property
    def nobody(self) -> bool:
        return not self.people and not self.channels

    @property
    def holder(self) -> User | None:
        return self.people[0] if len(self.people) == 1 else None

    def __str__(self) -> str:
        return ", ".join(str(one) for one in (*self.people, *self.channels))


def reached(step: Step, about: About, *, without: Collection[int], at: datetime) -> Reached:
    """Whoever stands on a step now, without those who have it already where it means a rank."""
    key = step.get("key", "")
    match step["whom"]:
        case Whom.OWNER:
            return _one(_owner(about))
        case Whom.BACKUP:
            return _one(_backup(about, without))
        case Whom.LEAD:
            return _one(work.ranks.lead(about.owner, without=without) if about.owner else None)
        case Whom.HEAD:
            return _one(work.ranks.head(about.head, without=without))
        case Whom.TURN:
            return _one(_next(_team_ids(key), without))
        case Whom.DUTY:
            rota = DutyRota.objects.filter(key=key).first()
            return _one(rotas.on_duty(rota, at=at) if rota else None)
        case Whom.PERSON:
            return _one(User.objects.filter(email__iexact=key, is_active=True).first())
        case Whom.TEAM:
            return Reached(tuple(User.objects.filter(team__name=key, is_active=True).order_by("full_name", "pk")))
        case _:
            return Reached(channels=tuple(OutsideChannel.objects.filter(key=key, is_active=True)))


def _one(person: User | None) -> Reached:
    return Reached((person,)) if person is not None else Reached()


def _owner(about: About) -> User | None:
    """The owner; of an account that nobody owns, the success manager whose turn it is. The platform itself has none."""
    if about.owner is not None and about.owner.is_active:
        return about.owner
    if about.account is None:
        return None
    return _next(work.ranks.teams_around(about.account.pk), ())


def _backup(about: About, without: Collection[int]) -> User | None:
    if about.account is None:
        return None
    return work.ranks.named_backup(about.account.pk, without=without) or _next(work.ranks.teams_of(about.owner), without)


def _team_ids(name: str) -> list[int]:
    return list(Team.objects.filter(name=name).values_list("pk", flat=True)) or [0] if name else []


def _next(teams: Collection[int], without: Collection[int]) -> User | None:
    """Whom a climb told longest ago."""
    people = work.ranks.managers(teams)
    told = ClimbStep.objects.filter(people__in=people.values("pk"), kind=StepKind.NOTIFY, done_at__isnull=False)
    last = dict(told.values_list("people").annotate(at=Max("done_at")).order_by())
    return work.ranks.longest_ago(people, last, without=without)
