"""A draft as one real person would get it. Nothing is written and nothing is sent."""

from dataclasses import dataclass

from apps.accounts.models import Contact

from . import catalogue, languages, mail, rendering, texts
from .models import Template
from .texts import Size
from .types import BY_PHONE, Channel, Draft

# No link of a preview speaks for the customer.
_NOWHERE = "#"


@dataclass(frozen=True)
class Preview:
    """`fails` says why a mail to this person would not be written at all; `assumed` are the values that only the sender will know."""

    subject: str
    text: str
    html: str
    to: str
    sender: str
    size: Size | None
    variables: dict[str, str]
    assumed: list[str]
    fails: str = ""


def of(draft: Draft, contact: Contact) -> Preview:
    """Refused where the words cannot be written for this person."""
    template = Template(**vars(draft))
    play = {"play": catalogue.EXAMPLES["play"]}
    values = rendering.merged(rendering.merged(play, draft.examples), rendering.values_of(contact))
    subject, body = rendering.render(template, values)
    text, html, sender, fails = body, "", "", ""
    if draft.channel == Channel.EMAIL:
        given = {"locale": draft.locale, "language": languages.for_mail(contact), "leave": _NOWHERE, "preferences": _NOWHERE}
        text, html = mail.both(subject, body, **given)
        try:
            mail.header("The subject", subject)
            sender = "{} <{}>".format(*mail.sender(contact.account.owner))
        except mail.BadHeader as error:
            fails = str(error)
    used = f"{draft.subject}\n{draft.body}\n{' '.join(draft.content_variables.values())}"
    return Preview(
        subject=subject,
        text=text,
        html=html,
        to=_to(draft.channel, contact),
        sender=sender,
        size=texts.size(body) if draft.channel == Channel.SMS else None,
        variables=rendering.render_variables(template, values) if draft.channel == Channel.WHATSAPP else {},
        assumed=[name for name in catalogue.names({**play, **draft.examples}) if name in used],
        fails=fails,
    )


def _to(channel: str, contact: Contact) -> str:
    """Where it would go; empty where this channel does not reach the person."""
    return contact.email if channel == Channel.EMAIL else contact.phone if channel in BY_PHONE else str(contact)
