"""Words that differ by segment and language within one template: `blocks.offer` in Liquid."""

from collections.abc import Collection, Mapping

from apps.accounts.models import Contact
from apps.messaging import selectors as messaging

from ..definition import Block, Definition
from ..models import Membership, Segment


def chosen(says: Definition, people: Collection[Contact]) -> dict[int, dict[str, str]]:
    """By contact the words of every block, in at most two statements. A block without words for somebody is empty for them."""
    if not says.blocks:
        return {}
    inside = _memberships(says, {person.account_id for person in people})
    return {person.pk: {name: _words(choices, inside, person) for name, choices in says.blocks.items()} for person in people}


def _memberships(says: Definition, account_ids: Collection[int]) -> dict[str, set[int]]:
    named = {block.segment for choices in says.blocks.values() for block in choices if block.segment}
    found: dict[str, set[int]] = {key: set() for key in named}
    if named:
        keys = dict(Segment.objects.filter(key__in=named).values_list("pk", "key"))
        rows = Membership.objects.open().filter(segment__in=keys, account__in=account_ids).values_list("segment_id", "account_id")
        for segment, account in rows:
            found[keys[segment]].add(account)
    return found


def _words(choices: Collection[Block], inside: Mapping[str, set[int]], person: Contact) -> str:
    """Of the first block whose segment they are in, in the language they read best."""
    for block in choices:
        if not block.segment or person.account_id in inside[block.segment]:
            tags = messaging.chain(person.locale, person.account.locale)
            return next((block.words[tag] for tag in tags if tag in block.words), "")
    return ""
