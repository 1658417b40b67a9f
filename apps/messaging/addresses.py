"""Where a channel reaches people."""

from apps.accounts.models import Contact

from .types import BY_PHONE, Channel


def address_of(contact: Contact, channel: str) -> str:
    """Where the channel reaches a contact; push and inbox belong to the contact itself."""
    if channel == Channel.EMAIL:
        return contact.email
    return plain_number(contact.phone) if channel in BY_PHONE else ""


def plain_number(words: str) -> str:
    """A number without the blanks and dashes that people write."""
    return "".join(letter for letter in words if letter not in " -()./\u00a0")
