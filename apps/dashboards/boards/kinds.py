"""The catalogue of widgets: what each shows, what it can be asked, and what makes it move. No queries."""

from dataclasses import dataclass

COLUMNS = 12
FILTERS = ("owner", "team", "segment", "stage", "plan", "band", "health", "currency")
DAYS = (7, 14, 30, 60, 90, 180, 365)
# Seconds between two readings; 0: whenever something of it moves.
REFRESH = (0, 10, 30, 60, 300, 900)


@dataclass(frozen=True)
class Choice:
    """One thing that can be set: `choices` are (value, label); none: a number within `least` and `most`, or text where `words` is set."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    least: float = 0
    most: float = 0
    words: int = 0
    lines: bool = False


@dataclass(frozen=True)
class Kind:
    """`metrics` is how many figures it takes at least and at most; `moves` are the first words of events after which it is read again."""

    key: str
    name: str
    icon: str
    words: str
    w: int
    h: int
    min_w: int = 2
    min_h: int = 2
    metrics: tuple[int, int] = (0, 0)
    dimension: str = ""
    days: int = 0
    filters: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


def _most(default: str) -> Choice:
    return Choice("most", "How many", tuple((str(n), str(n)) for n in (5, 8, 10, 15, 20)), default)


_BOOK = ("owner", "team", "segment", "stage", "plan", "band", "health", "currency")
_RANKS = (
    ("stake", "what is at stake (ARR × risk)"),
    ("-risk", "the highest risk"),
    ("-arr", "the largest"),
    ("renewal", "the next renewal"),
    ("health", "the poorest health"),
)

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            *("figure", "Figure", "123", "One figure, how it changed, and its line.", 3, 2),
            metrics=(1, 1),
            days=30,
            filters=FILTERS,
        ),
        Kind(
            *("goal", "Goal", "flag", "A figure on its way to a target.", 3, 2),
            metrics=(1, 1),
            days=90,
            filters=FILTERS,
            choices=(Choice("target", "Target", default="0", least=-1e12, most=1e12), Choice("by", "By (day)", words=10)),
        ),
        Kind(
            *("line", "Line", "show_chart", "Figures over time, with what is to be expected.", 6, 4, 3, 3),
            metrics=(1, 3),
            dimension="optional",
            days=90,
            filters=FILTERS,
            choices=(Choice("ahead", "Look ahead", (("0", "not at all"), ("14", "14 days"), ("30", "30 days"), ("90", "90 days")), "0"),),
        ),
        Kind(
            *("bar", "Bars", "bar_chart", "A figure side by side: by owner, plan, segment or band.", 6, 4, 3, 3),
            metrics=(1, 1),
            dimension="needed",
            filters=FILTERS,
            choices=(_most("10"),),
        ),
        Kind(
            *("funnel", "Funnel", "filter_alt", "From step to step: what is left of the first figure.", 4, 4, 3, 3),
            metrics=(2, 6),
            filters=FILTERS,
        ),
        Kind(
            *("cohorts", "Cohorts", "grid_on", "Customers by the quarter they began, and how many stayed.", 6, 4, 4, 3),
            filters=("owner", "team", "segment", "plan", "currency"),
            moves=("account", "accounts", "import"),
        ),
        Kind(
            *("scatter", "Risk × ARR", "scatter_plot", "Every dot a customer: how large, and how likely to leave.", 6, 4, 4, 3),
            filters=_BOOK,
            moves=("risk", "account", "accounts", "import"),
        ),
        Kind(
            *("table", "Accounts", "table_rows", "Accounts in an order that matters, with why.", 6, 4, 4, 3),
            filters=_BOOK,
            moves=("risk", "account", "accounts", "import", "health"),
            choices=(Choice("rank", "Rank by", _RANKS, "stake"), _most("8")),
        ),
        Kind(
            *("distribution", "Distribution", "equalizer", "How a measure is spread, and how many are beyond a limit.", 6, 4, 4, 3),
            filters=_BOOK,
            moves=("risk", "health", "account", "accounts", "import"),
            choices=(
                Choice("measure", "Measure", (("health", "health"), ("risk", "risk"), ("arr", "ARR")), "health"),
                Choice("limit", "Limit at first", default="40", least=0, most=1e12),
            ),
        ),
        Kind(
            *("alerts", "Alerts", "notifications", "What needs eyes, the most urgent first.", 4, 4, 3, 2),
            filters=("owner", "team", "segment"),
            moves=("alert",),
            choices=(
                Choice("severity", "Severity", (("", "all"), ("warning", "soon and now"), ("urgent", "only now")), ""),
                _most("8"),
            ),
        ),
        Kind(*("feed", "Feed", "dynamic_feed", "What happens, newest first.", 4, 6, 3, 3), moves=("*",), choices=(_most("10"),)),
        Kind(*("now", "Map of now", "blur_on", "The last hour: who was active, in steps of five minutes.", 6, 4, 4, 3), moves=("activity",)),
        Kind(*("plays", "Plays", "account_tree", "What runs, and what became of what ran, beside the held-out.", 4, 4, 3, 3), moves=("play",)),
        Kind(
            *("bands", "Risk bands", "stacked_bar_chart", "Customers by risk, with their ARR.", 6, 2, 4, 2),
            moves=("risk", "account", "alert", "task", "import"),
        ),
        Kind(
            *("system", "Health of the system", "ecg_heart", "Whether everything runs, and how far behind it is.", 4, 4, 3, 2), moves=("system", "*")
        ),
        Kind(
            *("text", "Text", "notes", "Words of your own: what to look at, and what to do.", 4, 2, 2, 1),
            choices=(Choice("text", "Words", words=2000, lines=True),),
        ),
    )
}
MOST_WIDGETS = 30
