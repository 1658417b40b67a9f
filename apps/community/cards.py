"""Pictures to share, without anything of a person or an account: a milestone or a challenge, as SVG, by a signed address."""

import textwrap
from html import escape

from django.core import signing

from apps.milestones.models import Milestone

from .models import Challenge
from .types import ChallengeState

_CARD = signing.Signer(salt="community.card")
_KINDS = ("milestone", "challenge")
_WORDS = {"en": {"milestone": "Milestone reached", "challenge": "Challenge"}, "de": {"milestone": "Meilenstein erreicht", "challenge": "Wettbewerb"}}
_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630" role="img" aria-label="{label}">
<rect width="1200" height="630" fill="#f5f5f4"/><rect x="60" y="60" width="1080" height="510" rx="24" fill="#ffffff"/>
<rect x="60" y="60" width="16" height="510" rx="8" fill="#6d28d9"/>
<g font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif" fill="#1c1917">
<text x="130" y="170" font-size="36" fill="#6d28d9" font-weight="600">{kind}</text>
{name}
{text}
</g></svg>
"""


def card_token(kind: str, key: str, language: str) -> str:
    """Of this picture and no other; nothing but public words can be made of it."""
    return _CARD.sign_object([kind, key, language])


def card(token: str) -> str | None:
    """The picture; None for an address that is not ours, or of something that is not to be seen."""
    try:
        kind, key, language = _CARD.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if kind not in _KINDS or language not in _WORDS:
        return None
    words = _words(kind, key, language)
    return None if words is None else _draw(_WORDS[language][kind], *words)


def _words(kind: str, key: str, language: str) -> tuple[str, str] | None:
    if kind == "challenge":
        challenge = Challenge.objects.filter(key=key).exclude(state=ChallengeState.DRAFT).first()
        said = challenge.words if challenge else None
    else:
        milestone = Milestone.objects.select_related("current").filter(key=key, visible=True).first()
        said = milestone.current.definition["words"] if milestone and milestone.current else None
    if not said:
        return None
    mine = said.get(language) or said["en"]
    return str(mine["name"]), str(mine["text"])


def _draw(kind: str, name: str, text: str) -> str:
    return _PICTURE.format(
        label=escape(f"{kind}: {name}"),
        kind=escape(kind),
        name=_lines(name, width=30, most=2, y=260, size=64, step=76, more='font-weight="700"'),
        text=_lines(text, width=58, most=3, y=440, size=32, step=44, more='fill="#57534e"'),
    )


def _lines(words: str, *, width: int, most: int, y: int, size: int, step: int, more: str) -> str:
    lines = textwrap.wrap(words, width, max_lines=most, placeholder=" …") or [""]
    return "\n".join(f'<text x="130" y="{y + place * step}" font-size="{size}" {more}>{escape(line)}</text>' for place, line in enumerate(lines))
