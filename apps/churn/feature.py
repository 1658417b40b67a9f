from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """One figure about an account at a moment; unknown where nothing tells it.

    `direction` is +1 where we expect more of it to mean more risk, 0 where we expect nothing; members of a `family` tell one story and share one
    reason; `log`: read by size; `source` is what it is counted from. `nothing` tells a figure of 0, and `missing` an unknown one, where the words do
    not.
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
