"""How long work tells what it does now, and how it is stopped."""

from collections.abc import Callable

# What it does now in words, and the share of the whole that is done (0 to 1). It may raise `Stopped`: the work then ends with nothing written.
Report = Callable[[str, float], None]


class Stopped(Exception):
    """Somebody asked the work to stop."""


def silent(step: str, done: float) -> None:
    """Nobody looks on."""


def part(report: Report, begin: float, end: float) -> Report:
    """Tell of one part of the work, as a share of the whole."""
    return lambda step, done: report(step, begin + done * (end - begin))
