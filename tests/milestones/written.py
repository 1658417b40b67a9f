"""Milestones and progress as rows, for tests of what shows them; how they come about is tested beside the services."""

import itertools
from typing import Any

from apps.accounts.models import Account
from apps.milestones.models import Milestone, MilestoneVersion, Need, Progress
from tests.make import _LONG_AGO

_numbers = itertools.count(1)


def definition(key: str, *, needs: tuple[str, ...] = (), count: str = "report_shared", at_least: int = 5, **more: Any) -> dict[str, Any]:
    """A milestone that counts something, in English and German."""
    return {
        "words": {
            "en": {"name": f"The {key}", "text": f"Do the {key}.", "hint": f"Hint for the {key}"},
            "de": {"name": f"Das {key}", "text": f"Tun Sie das {key}.", "hint": f"Hinweis zum {key}"},
        },
        "value": "They see what it is for.",
        "criteria": {"all": [{"count": count, "at_least": at_least, "within_days": 28}]},
        "needs": list(needs),
        "visible": True,
        "variants": [{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}, {"key": "stretch", "factor": 1.3}],
        "days": {"behind": 14, "stuck": 28},
        **more,
    }


def milestone(key: str, *, needs: tuple[Milestone, ...] = (), state: str = "live", visible: bool = True, **more: Any) -> Milestone:
    """With one version, and its place after those made before it."""
    number = next(_numbers)
    made = Milestone.objects.create(key=key, name=f"The {key}", position=number, state=state, visible=visible)
    said = definition(key, needs=tuple(one.key for one in needs), visible=visible, **more)
    made.current = MilestoneVersion.objects.create(milestone=made, number=1, definition=said, created_at=_LONG_AGO, created_by="job:test")
    made.save()
    for one in needs:
        Need.objects.create(milestone=made, needed=one)
    return made


def progress(account: Account, of: Milestone, **fields: Any) -> Progress:
    """Open, unless said otherwise; reached ones say when."""
    if "achieved_at" in fields:
        fields = {"state": "achieved", "noticed_at": fields["achieved_at"], "via": "rule", "have": 5.0, **fields}
    return Progress.objects.create(account=account, milestone=of, version=of.current, **{"state": "open", "target": 5.0, **fields})
