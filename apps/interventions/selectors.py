from datetime import timedelta

from apps.messaging.types import Channel

from . import impact  # noqa: F401  (part of this module's face)
from .conditions import in_words
from .definition import (
    AUTO,
    AnyStep,
    BranchStep,
    MessageStep,
    SplitStep,
    TaskStep,
    UpdateStep,
    WaitForStep,
    WaitStep,
    WatchStep,
    WebhookStep,
)


def step_in_words(step: AnyStep) -> str:
    """What a step does, as a list of steps tells it."""
    match step:
        case MessageStep():
            channel = "Message on the best channel" if step.channel == AUTO else f"{Channel(step.channel).label} message"
            return f"{channel[:1].upper()}{channel[1:]}: “{step.template.replace('-', ' ')}”"
        case WaitStep():
            return f"Wait {lasting(timedelta(minutes=step.minutes))}"
        case WaitForStep():
            what = step.event.removeprefix("activity:").replace("_", " ")
            return f"Wait for {what}, at most {lasting(timedelta(minutes=step.minutes))}"
        case BranchStep():
            return " · ".join(f"If {in_words(case.when)}: {case.go}" for case in step.cases)
        case SplitStep():
            return "By lot: " + " or ".join(way.name for way in step.ways)
        case TaskStep():
            return f"Task for the success manager: {step.title}"
        case UpdateStep():
            return f"Set {step.trait} to {step.value}"
        case WebhookStep():
            return f"Tell webhooks “{step.name}”"
        case WatchStep():
            return "Watch for the goal until its window ends"
        case _:
            return "End"


def lasting(length: timedelta) -> str:
    """A length of time in its largest unit: 2 days, 1.5 hours."""
    minutes = length.total_seconds() / 60
    for size, name in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = round(minutes / size, 1)
            return f"{count:g} {name}{'' if count == 1 else 's'}"
    return f"{round(minutes * 60):d} seconds"


# Parts of this module's face: when people work, what a task is worth, and which tasks fit into a day.
from . import calendars, ranking, ranks, worktime, worth  # noqa: E402, F401  isort:skip
