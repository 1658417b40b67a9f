"""Links that say where their reader came from: utm_source, utm_medium, utm_campaign and utm_content, as every analytics tool reads them. Pure."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

SOURCE = "cs-platform"
_LINK = re.compile(r"https?://[^\s<>\"'\])]+")
# A full stop or a comma after a link belongs to the sentence.
_TAIL = ".,;:!?"


def tagged(url: str, *, medium: str, campaign: str, content: str = "", source: str = SOURCE) -> str:
    """The address with the four names added; what it carries already stays. Other addresses than http(s) come back as they are."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return url
    said = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    wanted = (("utm_source", source), ("utm_medium", medium), ("utm_campaign", campaign), ("utm_content", content))
    more = urlencode([(name, value) for name, value in wanted if value and name not in said])
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, more) if part)))


def tag_links(text: str, *, medium: str, campaign: str, content: str = "", spare: Iterable[str] = (), source: str = SOURCE) -> str:
    """Every link in a text; those that begin with one of `spare` (our own pages, whose addresses are signed) stay."""
    spared = tuple(spare)

    def turn(found: re.Match[str]) -> str:
        whole = found.group()
        url = whole.rstrip(_TAIL)
        if spared and url.startswith(spared):
            return whole
        return tagged(url, medium=medium, campaign=campaign, content=content, source=source) + whole[len(url) :]

    return _LINK.sub(turn, text)
