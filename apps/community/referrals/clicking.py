"""Who pressed the button of an advocate's page. The first click of a browser within the window stands; the page's own cookie knows of it."""

from datetime import datetime, timedelta

from ..models import Advocate, Invite, Referral, ReferralClick
from ..types import AdvocateState
from . import hashes, links, programs

# Networks are kept so long, for velocity.
NETWORK_LIFE = timedelta(days=30)


def click(advocate: Advocate, *, invite_id: int | None = None, earlier: str = "", address: str = "", now: datetime) -> str:
    """Count one press and return the token that the product is told. `earlier`: what the browser's cookie says; `address`: the IP address, of which
    only a keyed hash of the network is kept."""
    if kept := still_counts(earlier, program_id=advocate.program_id, now=now):
        return links.touch_token(kept.advocate.code, kept.pk)
    invite = Invite.objects.filter(pk=invite_id, advocate=advocate).first() if invite_id else None
    row = ReferralClick.objects.create(
        program_id=advocate.program_id,
        advocate=advocate,
        account_id=advocate.account_id,
        invite=invite,
        network=hashes.network(address),
        at=now,
    )
    return links.touch_token(advocate.code, row.pk)


def still_counts(token: str, *, program_id: int, now: datetime) -> ReferralClick | None:
    """The click that a browser's cookie tells of, while it is within the program's window."""
    said = links.meaning_of_touch(token) if token else None
    if said is None or said.click_id is None:
        return None
    row = ReferralClick.objects.select_related("advocate", "program__current").filter(pk=said.click_id, program=program_id).first()
    if row is None or row.advocate.state != AdvocateState.ACTIVE:
        return None
    window = timedelta(days=programs.says(programs.current(row.program)).window_days)
    return row if now - row.at <= window else None


def forget_networks(*, now: datetime) -> int:
    """The daily job: hashes of networks that are older than 30 days. Returns how many rows were emptied."""
    old = now - NETWORK_LIFE
    clicks = ReferralClick.objects.filter(at__lt=old).exclude(network="").update(network="")
    return clicks + Referral.objects.filter(signed_up_at__lt=old).exclude(network="").update(network="")
