"""A word of congratulation inside the product, through the governor like every other message."""

from datetime import datetime, timedelta

from apps.accounts.models import Contact
from apps.accounts.types import ContactRole
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import Channel, Lane

from ..models import Progress, RewardClaim
from ..types import ClaimState, ProgressState, Unit
from .rules import who_did

TEMPLATE = "celebration"
# News that is older is none; nobody is congratulated on last month.
_FRESH = timedelta(days=2)
_GOOD_FOR = timedelta(days=7)


def celebrate(*, progress_id: int, actor: Actor, now: datetime, event: Event | None = None) -> Message | None:
    """Congratulate who did it, or else the account's own contact; None for old news, a hidden milestone, or where nobody can be told.

    The same achievement is told once. Whether and when it reaches them is for the governor to say.
    """
    progress = Progress.objects.select_related("milestone", "version").filter(pk=progress_id, state=ProgressState.ACHIEVED).first()
    if progress is None or progress.achieved_at is None or not progress.milestone.visible or now - progress.achieved_at > _FRESH:
        return None
    contact = _whom(progress)
    if contact is None:
        return None
    try:
        return messaging.compose(
            contact=contact,
            channel=Channel.IN_APP,
            template_key=TEMPLATE,
            lane=Lane.NURTURE,
            idem_key=f"celebration:{progress.pk}:{progress.achieved_at.isoformat()}",
            context={"milestone": _name(progress, contact), "points": _points(progress)},
            due_at=now,
            expires_at=now + _GOOD_FOR,
            actor=actor,
            now=now,
            cause=event,
        )
    except Refused:
        # No words for it, or the person cannot be written to: nothing is lost, the page shows it too.
        return None


def _whom(progress: Progress) -> Contact | None:
    assert progress.achieved_at is not None
    people = Contact.objects.select_related("account").filter(account=progress.account_id, departed_on=None)
    who = who_did(progress.account_id, progress.achieved_at)
    if who is not None and (found := people.filter(pk=who).first()):
        return found
    return people.filter(role=ContactRole.CHAMPION).order_by("pk").first() or people.order_by("pk").first()


def _name(progress: Progress, contact: Contact) -> str:
    """What the milestone is called in the reader's language, as its version says it."""
    words = progress.version.definition.get("words", {}) if progress.version else {}
    for tag in (contact.locale, contact.account.locale, "en"):
        said = words.get(tag) or words.get(tag.split("-")[0]) if tag else None
        if isinstance(said, dict) and said.get("name"):
            return str(said["name"])
    return progress.milestone.name


def _points(progress: Progress) -> str:
    """What it brought, as it was granted; empty where nothing was, or where it waits."""
    mine = RewardClaim.objects.filter(account=progress.account_id, cause__startswith=f"milestone:{progress.milestone_id}:", rule__unit=Unit.POINTS)
    found = mine.filter(state=ClaimState.GRANTED).order_by("-pk").values_list("amount", flat=True).first()
    return f"{found:.0f}" if found else ""
