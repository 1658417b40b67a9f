"""What staff pages show: read models without queries, so that templates cannot ask for one more row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices

# How soon a person should look; the same words on every page.
SEVERITY_WORDS = {"urgent": "act now", "warning": "act soon", "info": "to know"}


class Audience(TextChoices):
    """For whom a dashboard is, and who may change it."""

    OWNER = "owner", "only its owner"
    TEAM = "team", "its team"
    EVERYBODY = "everybody", "everybody"


class Kind(TextChoices):
    """What the account's story can be narrowed to."""

    ACTIVITY = "activity", "Activity"
    MESSAGE = "message", "Messages"
    ALERT = "alert", "Alerts"
    PLAY = "play", "Plays"
    TASK = "task", "Tasks"
    RISK = "risk", "Risk"
    MILESTONE = "milestone", "Milestones"
    COACHING = "coaching", "Coaching"
    NOTE = "note", "Notes"
    TICKET = "ticket", "Tickets"
    SURVEY = "survey", "Surveys"
    BILLING = "billing", "Billing"
    CHANGE = "change", "Changes"


@dataclass(frozen=True)
class Why:
    """One reason of a risk: words, and how far it pushes compared with the strongest (`share`, 0-100)."""

    words: str
    contribution: float
    share: int

    @property
    def raises(self) -> bool:
        return self.contribution > 0


@dataclass(frozen=True)
class RiskView:
    """A risk as it is spoken of. `points` runs 0-100, `chance` is the same unrounded, 0-1.

    `change` is in points against about a week ago, None when there is nothing to compare.
    """

    band: str
    word: str
    points: int
    chance: float
    is_probability: bool
    change: int | None
    whys: tuple[Why, ...]
    source: str
    as_of: datetime | None
    stale: bool

    @property
    def shown(self) -> str:
        """A chance in per cent; a rule's score is none, so it never carries the sign."""
        return f"{self.points} %" if self.is_probability else str(self.points)

    @property
    def in_full(self) -> str:
        return f"churn risk {self.shown}" if self.is_probability else f"rule score {self.points} of 100"

    @property
    def raising(self) -> list[str]:
        return [why.words for why in self.whys if why.raises][:3]


@dataclass(frozen=True)
class Spark:
    """A small line: points in a 100 x 28 box, the values behind it, and the whole in words for who cannot see it."""

    path: str
    values: tuple[float, ...]
    words: str
    last: tuple[float, float] | None


@dataclass(frozen=True)
class Pill:
    """A state in colour, word and shape; tones: bad, warn, good, info, calm."""

    word: str
    tone: str = "calm"


@dataclass
class WorkRow:
    """One account on Today: who, why, evidence, what to do."""

    rank: int
    account: Any
    risk: RiskView | None
    stake: float
    renews_in: int | None
    spark: Spark | None = None
    alerts: list[Any] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)
    running: list[Any] = field(default_factory=list)
    startable: list[Any] = field(default_factory=list)
    # Minutes the work takes, what it is expected to save, and the rate behind that; `first` comes before what is only worth more.
    minutes: int = 0
    saved: Any = None
    rate: Any = None
    first: bool = False
    fits: bool = True
    left_out: str = ""
    handed: str = ""

    @property
    def can_tell(self) -> bool:
        """A rule's score ranks, but no sum of money follows from it."""
        return self.risk is not None and self.risk.is_probability

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """Facts that whoever asked for the tasks gave, each once."""
        facts = {str(fact.get("words")): fact for task in self.tasks for fact in task.evidence}
        return [fact for words, fact in facts.items() if words not in self.why][:4]

    @property
    def why(self) -> list[str]:
        """Reasons in words: of the risk, else of the alerts, else of the tasks."""
        if self.risk is not None and self.risk.raising:
            return self.risk.raising
        return [str(words) for alert in self.alerts for words in alert.why][:3] or [task.why for task in self.tasks if task.why][:3]


@dataclass(frozen=True)
class Column:
    """A column of the portfolio. `sort` names its order, `edit` how it is edited (choice, text, date, tags) and `field` what is edited."""

    key: str
    label: str
    width: int = 120
    right: bool = False
    sort: str = ""
    edit: str = ""
    field: str = ""
    shown: bool = True
    hint: str = ""


@dataclass(frozen=True)
class Cell:
    """What one cell shows: words, perhaps as a pill (`tone`), with a smaller second figure, a line, or chips."""

    text: str
    title: str = ""
    tone: str = ""
    note: str = ""
    note_tone: str = ""
    line: str = ""
    chips: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Empty parts are left out: a block of rows travels often."""
        return {name: value for name, value in self.__dict__.items() if value}


@dataclass(frozen=True)
class Figures:
    """The strip above the portfolio. `counted` is False when there are more customers than are counted one by one."""

    customers: int
    counted: bool
    arr: dict[str, Any]
    at_risk: int
    at_risk_arr: dict[str, Any]
    renewing: int
    renewing_arr: dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """One entry of an account's story."""

    at: datetime
    kind: str
    icon: str
    title: str
    detail: str = ""
    pill: Pill | None = None
    url: str = ""
    chips: tuple[tuple[str, int], ...] = ()
    whole_day: bool = False
    channel: str = ""

    def speaks_of(self, words: str) -> bool:
        """Whether every word occurs in what is told."""
        text = " ".join((self.title, self.detail, *(name for name, _ in self.chips))).casefold()
        return all(word in text for word in words.casefold().split())
