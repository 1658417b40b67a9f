"""Which kinds of change can move an account in or out by a rule: a bit each, held against marks by one `and`."""

from enum import IntFlag

from . import grammar as g


class Kind(IntFlag):
    FIELDS = 1
    ACTIVITY = 2
    HEALTH = 4
    RISK = 8
    MILESTONES = 16
    TIER = 32
    PLAYS = 64
    COACHING = 128
    SURVEYS = 256
    TICKETS = 512
    CONTACTS = 1024
    SEGMENTS = 2048
    LISTS = 4096


EVERYTHING = Kind(2 * Kind.LISTS - 1)
_OF: dict[type[g.Leaf], Kind] = {
    g.Everybody: Kind.FIELDS,
    g.Field: Kind.FIELDS,
    g.Trait: Kind.FIELDS,
    g.Did: Kind.ACTIVITY,
    g.Last: Kind.ACTIVITY,
    g.Sequence: Kind.ACTIVITY,
    g.Health: Kind.HEALTH,
    g.Risk: Kind.RISK,
    g.Driver: Kind.RISK,
    g.Milestone: Kind.MILESTONES,
    g.Tier: Kind.TIER,
    g.Play: Kind.PLAYS,
    g.Coaching: Kind.COACHING,
    # The ledger moves with the account's own facts and with its contracts.
    g.Revenue: Kind.FIELDS,
    g.Renewal: Kind.FIELDS,
    g.Survey: Kind.SURVEYS,
    g.Ticket: Kind.TICKETS,
    g.Consent: Kind.CONTACTS,
    g.In: Kind.SEGMENTS,
    # A new account has to be looked at once.
    g.Bucket: Kind.FIELDS,
    g.Listed: Kind.LISTS,
}


def matters(*leaves: g.Leaf) -> Kind:
    """What a rule of these leaves looks at. Everybody's beginning counts: a new account is a change of fields."""
    found = Kind.FIELDS
    for leaf in leaves:
        found |= _OF[type(leaf)]
    return found
