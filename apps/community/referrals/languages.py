"""What strangers and advocates read on the pages of referrals, in English and German; what a program says itself stands in its definition."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import Contact
from apps.messaging.services import languages as around

_ENGLISH: dict[str, Any] = {
    "recommended": "Recommended to you",
    "gets": "For you: {what}, once you have got your first result with it.",
    "go": "Have a look",
    "measured": (
        "If you press the button we note that this recommendation was followed, and your browser keeps a code of it for {days} days. Nothing else is "
        "kept of you, and nothing at all if you only read this."
    ),
    "over": "This recommendation is not valid any more.",
    "units": {"points": "{amount} points", "credits": "{amount} {currency}", "perks": "{amount} × {currency}"},
    "recommend": "Recommend us",
    "both": "You get {advocate}, they get {friend}, once they have got their first result.",
    "you": "You get {advocate} once they have got their first result.",
    "they": "They get {friend} once they have got their first result.",
    "join": "Show me my link",
    "link": "Your link",
    "code_before": "Or by your code: ",
    "invite": "Have us invite somebody",
    "invite_words": (
        "We write to this address once, in your name, and forget it when the mail has left. Only invite people you know; "
        "each person can be invited once."
    ),
    "email": "Their email address",
    "language": "Language of the mail",
    "send": "Invite",
    "yours": "Your recommendations",
    "nothing": "Nobody has signed up by your link yet.",
    "signed_up": "Signed up on {day}",
    "states": {
        "pending": "waits for their first result",
        "flagged": "is being looked at",
        "approved": "counts",
        "refused": "does not count",
        "voided": "does not count any more",
    },
    "none": "There is nothing to recommend us for at present.",
    "choice": "You have chosen not to be asked to recommend us.",
    "told": {
        "joined": "Here is your link.",
        "invited": "The invitation is on its way; it leaves in daytime.",
        "not_this_person": "This person cannot be invited.",
        "enough_today": "That is enough invitations for today. Try again tomorrow.",
        "no_address": "This is no email address.",
        "barred": "This person cannot be invited.",
        "": "That did not work. Nothing was changed.",
    },
    "date": "{day} {month} {year}",
    "months": "January February March April May June July August September October November December",
    "names": {"en": "English", "de": "German"},
}
_GERMAN: dict[str, Any] = {
    "recommended": "Ihnen empfohlen",
    "gets": "Für Sie: {what}, sobald Sie Ihr erstes Ergebnis damit haben.",
    "go": "Ansehen",
    "measured": (
        "Wenn Sie den Knopf drücken, merken wir uns, dass dieser Empfehlung gefolgt wurde, und Ihr Browser behält {days} Tage lang einen Code davon. "
        "Sonst wird nichts von Ihnen behalten, und gar nichts, wenn Sie dies nur lesen."
    ),
    "over": "Diese Empfehlung gilt nicht mehr.",
    "units": {"points": "{amount} Punkte", "credits": "{amount} {currency}", "perks": "{amount} × {currency}"},
    "recommend": "Empfehlen Sie uns",
    "both": "Sie erhalten {advocate}, die anderen {friend}, sobald sie ihr erstes Ergebnis haben.",
    "you": "Sie erhalten {advocate}, sobald die anderen ihr erstes Ergebnis haben.",
    "they": "Die anderen erhalten {friend}, sobald sie ihr erstes Ergebnis haben.",
    "join": "Meinen Link anzeigen",
    "link": "Ihr Link",
    "code_before": "Oder mit Ihrem Code: ",
    "invite": "Jemanden von uns einladen lassen",
    "invite_words": (
        "Wir schreiben einmal in Ihrem Namen an diese Adresse und vergessen sie, sobald die E-Mail unterwegs ist. Laden Sie nur Menschen ein, die "
        "Sie kennen; jeder kann einmal eingeladen werden."
    ),
    "email": "E-Mail-Adresse",
    "language": "Sprache der E-Mail",
    "send": "Einladen",
    "yours": "Ihre Empfehlungen",
    "nothing": "Über Ihren Link hat sich noch niemand angemeldet.",
    "signed_up": "Angemeldet am {day}",
    "states": {
        "pending": "wartet auf das erste Ergebnis",
        "flagged": "wird geprüft",
        "approved": "zählt",
        "refused": "zählt nicht",
        "voided": "zählt nicht mehr",
    },
    "none": "Zurzeit gibt es nichts, wofür Sie uns empfehlen könnten.",
    "choice": "Sie möchten nicht um Empfehlungen gebeten werden.",
    "told": {
        "joined": "Hier ist Ihr Link.",
        "invited": "Die Einladung ist unterwegs; sie geht tagsüber hinaus.",
        "not_this_person": "Diese Person kann nicht eingeladen werden.",
        "enough_today": "Für heute sind das genug Einladungen. Versuchen Sie es morgen wieder.",
        "no_address": "Das ist keine E-Mail-Adresse.",
        "barred": "Diese Person kann nicht eingeladen werden.",
        "": "Das hat nicht geklappt. Nichts wurde geändert.",
    },
    "date": "{day}. {month} {year}",
    "months": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "names": {"en": "Englisch", "de": "Deutsch"},
}
LANGUAGES: dict[str, dict[str, Any]] = {"en": _ENGLISH, "de": _GERMAN}


def for_page(contact: Contact | None, accepted: str, asked: str = "") -> str:
    """What is asked for, the contact's or the browser's, as far as we speak it; else English."""
    language = asked if asked in LANGUAGES else around.for_page(contact, accepted)
    return language if language in LANGUAGES else "en"


def words(language: str) -> Mapping[str, Any]:
    return LANGUAGES[language]


def day_in_words(moment: Any, language: str) -> str:
    said = LANGUAGES[language]
    return str(said["date"]).format(day=moment.day, month=said["months"].split()[moment.month - 1], year=moment.year)
