"""Some people of the company read other languages than the house's, and one play has words in one of them."""

from datetime import datetime
from zlib import crc32

from apps.core.actor import Actor
from apps.messaging import services as messaging
from apps.messaging.types import Channel

ACTOR = Actor.job("demo_world")
# Of a hundred people, by their key, so that nobody else's chance is moved.
_UP_TO = ((14, "de"), (20, "fr"), (25, "pt-BR"))
_GERMAN = """Hallo {{ contact.first_name }},

ich betreue {{ account.name }} bei uns. {{ what_changed | default: "Ihr Team nutzt uns viel weniger als früher" }}.
Bevor ich über den Grund rätsele, frage ich Sie lieber selbst.

Zwei Dinge kann ich diese Woche tun:

- Mit Ihnen 20 Minuten lang Ihre Einrichtung ansehen und die zwei Schritte zeigen, die den meisten Teams wieder Schwung geben.
- Ein offenes Problem übernehmen: Sagen Sie mir, was im Weg steht, und ich melde mich innerhalb eines Arbeitstages.

Was hat sich bei Ihnen geändert? Eine Zeile genügt, antworten Sie einfach auf diese E-Mail.

Viele Grüße
{{ csm.name }}"""


def of(key: str) -> str:
    """The locale of a person; empty for most, who read what the house writes."""
    place = crc32(key.encode()) % 100
    return next((locale for most, locale in _UP_TO if place < most), "")


def write(*, now: datetime) -> None:
    """German words for the mail of the play that comes with the product."""
    messaging.write_template(
        key="save-fading",
        channel=Channel.EMAIL,
        locale="de",
        subject="Hat {{ account.name }} noch, was Sie brauchen?",
        body=_GERMAN,
        examples={"what_changed": "Die Anmeldungen fielen von 40 auf 9 in der Woche"},
        actor=ACTOR,
        now=now,
    )
