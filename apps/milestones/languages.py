"""What customers read around their own path, in five languages; what a milestone says itself stands in its definition."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.accounts.models import Contact
from apps.messaging.services import languages as around
from apps.messaging.services import locales

_ENGLISH: dict[str, Any] = {
    "title": "Your path",
    "title_of": "The path of {account}",
    "share": "{reached} of {total} milestones reached",
    "next": "Next",
    "progress": "{have} of {target}",
    "begun": "Begun",
    "not_yet": "Not yet",
    "hint": "A hint",
    "open": "Also open to you",
    "later": "Opens later",
    "after": "Opens after: {needs}",
    "paused": "Paused",
    "reached": "Reached",
    "reached_on": "Reached on {day}",
    "done": "You have reached everything on this path. More may come.",
    "none": "Nothing stands on your path yet. It appears here by itself.",
    "news": "Reached just now: {name}",
    "moved": "Your path has moved.",
    "date": "{day} {month} {year}",
    "months": "January February March April May June July August September October November December",
}
_GERMAN: dict[str, Any] = {
    "title": "Ihr Weg",
    "title_of": "Der Weg von {account}",
    "share": "{reached} von {total} Meilensteinen erreicht",
    "next": "Als Nächstes",
    "progress": "{have} von {target}",
    "begun": "Begonnen",
    "not_yet": "Noch nicht",
    "hint": "Ein Hinweis",
    "open": "Ebenfalls offen für Sie",
    "later": "Öffnet sich später",
    "after": "Öffnet sich nach: {needs}",
    "paused": "Pausiert",
    "reached": "Erreicht",
    "reached_on": "Erreicht am {day}",
    "done": "Sie haben alles auf diesem Weg erreicht. Weiteres kann folgen.",
    "none": "Auf Ihrem Weg steht noch nichts. Es erscheint hier von selbst.",
    "news": "Gerade erreicht: {name}",
    "moved": "Auf Ihrem Weg hat sich etwas bewegt.",
    "date": "{day}. {month} {year}",
    "months": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_FRENCH: dict[str, Any] = {
    "title": "Votre parcours",
    "title_of": "Le parcours de {account}",
    "share": "{reached} étapes atteintes sur {total}",
    "next": "Prochaine étape",
    "progress": "{have} sur {target}",
    "begun": "Commencé",
    "not_yet": "Pas encore",
    "hint": "Un conseil",
    "open": "Également à votre portée",
    "later": "S’ouvre plus tard",
    "after": "S’ouvre après : {needs}",
    "paused": "En pause",
    "reached": "Atteint",
    "reached_on": "Atteint le {day}",
    "done": "Vous avez tout atteint sur ce parcours. D’autres étapes peuvent venir.",
    "none": "Il n’y a encore rien sur votre parcours. Cela apparaîtra ici tout seul.",
    "news": "Atteint à l’instant : {name}",
    "moved": "Votre parcours a avancé.",
    "date": "{day} {month} {year}",
    "months": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_SPANISH: dict[str, Any] = {
    "title": "Su camino",
    "title_of": "El camino de {account}",
    "share": "{reached} de {total} hitos alcanzados",
    "next": "Lo siguiente",
    "progress": "{have} de {target}",
    "begun": "Empezado",
    "not_yet": "Todavía no",
    "hint": "Una pista",
    "open": "También a su alcance",
    "later": "Se abre más tarde",
    "after": "Se abre después de: {needs}",
    "paused": "En pausa",
    "reached": "Alcanzado",
    "reached_on": "Alcanzado el {day}",
    "done": "Ha alcanzado todo en este camino. Puede haber más.",
    "none": "Todavía no hay nada en su camino. Aparecerá aquí por sí solo.",
    "news": "Alcanzado ahora mismo: {name}",
    "moved": "Su camino ha avanzado.",
    "date": "{day} de {month} de {year}",
    "months": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_PORTUGUESE: dict[str, Any] = {
    "title": "O seu percurso",
    "title_of": "O percurso de {account}",
    "share": "{reached} de {total} marcos alcançados",
    "next": "A seguir",
    "progress": "{have} de {target}",
    "begun": "Começado",
    "not_yet": "Ainda não",
    "hint": "Uma dica",
    "open": "Também ao seu alcance",
    "later": "Abre mais tarde",
    "after": "Abre depois de: {needs}",
    "paused": "Em pausa",
    "reached": "Alcançado",
    "reached_on": "Alcançado em {day}",
    "done": "Alcançou tudo neste percurso. Pode vir mais.",
    "none": "Ainda não há nada no seu percurso. Aparecerá aqui por si.",
    "news": "Alcançado agora mesmo: {name}",
    "moved": "O seu percurso avançou.",
    "date": "{day} de {month} de {year}",
    "months": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
LANGUAGES: dict[str, dict[str, Any]] = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH, "pt": _PORTUGUESE}


def for_page(contact: Contact, accepted: str, asked: str = "") -> str:
    """The language of a person's page: what the embedding page asks for, then as everywhere (the contact's own, the browser's, the account's)."""
    wanted = next((tag for tag in locales.widening(asked) if tag in LANGUAGES), "")
    return wanted or around.for_page(contact, accepted)


def words(language: str) -> Mapping[str, Any]:
    """Everything that is said in a language."""
    return LANGUAGES[language]


def day_in_words(moment: datetime, language: str) -> str:
    said = LANGUAGES[language]
    return str(said["date"]).format(day=moment.day, month=str(said["months"]).split()[moment.month - 1], year=moment.year)


def figure(value: float, language: str) -> str:
    """A count or measure as the language writes it, without needless decimals."""
    whole = f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.1f}"
    return whole if language == "en" else whole.replace(",", "\u00a0").replace(".", ",")
