"""The eight behaviours by which accounts are told apart, each with its unit and the words for more and for less of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """`more` and `less` name a pattern; `better` is 1 where more of it is a strength, -1 where less is, 0 where it is only a habit."""

    key: str
    name: str
    unit: str
    more: str
    less: str
    better: int = 1

    def told(self, value: float) -> str:
        shown = f"{value * 100:.0f} %" if self.unit == "%" else f"{value:+.0%}" if self.unit == "+%" else f"{value:.1f}".removesuffix(".0")
        return shown if self.unit in ("%", "+%") else f"{shown} {self.unit}"


BEHAVIOURS = (
    Behaviour("frequency", "days of use", "of 28 days", "daily", "rare"),
    Behaviour("intensity", "use per active day", "a day", "busy", "light"),
    Behaviour("breadth", "different things used", "in 8 weeks", "broad", "narrow"),
    Behaviour("depth", "share of use that is core work", "%", "deep", "shallow"),
    Behaviour("regularity", "weeks with use", "of 8 weeks", "steady", "on and off"),
    Behaviour("people", "share of known people who use it", "%", "whole team", "one person"),
    Behaviour("momentum", "use against four weeks before", "+%", "growing", "fading"),
    Behaviour("help", "questions per 100 uses", "per 100 uses", "asks a lot", "asks little", better=-1),
)
BY_KEY = {behaviour.key: behaviour for behaviour in BEHAVIOURS}
KEYS = tuple(BY_KEY)
