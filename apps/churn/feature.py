from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """One figure about an account at a moment; unknown where nothing tells it.

    `direction` is +1 where we expect more of it to mean more risk, 0 where we expect nothing; members of a `family` tell one story and share one
    reason; `log`: read by size; `source` is what it is counted from. `nothing` tells a figure of 0, and `missing` an unknown one, where the words do
    not.

    `held`: no model may learn the contrary of `direction`. Held are the figures of use itself: what a customer does today moves them, each in its
    direction, so that more use never raises a risk. Not held: use of the past, which makes the present look worse; amounts and single kinds of
    activity, which may be bills and complaints; what an account is; and trouble, because whoever asks for help is still there.
    """

    key: str
    words: str
    unit: str
    window: int
    direction: int
    sql: str
    family: str
    log: bool = False
    source: str = "activity"
    nothing: str = ""
    missing: str = ""
    held: bool = False
