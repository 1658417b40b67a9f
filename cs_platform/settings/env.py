"""Readers of the environment that refuse nonsense: a wrong or missing value stops the start with one line that says what to set."""

import ipaddress
import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class Misconfigured(SystemExit):
    """Ends the process with one plain line and exit code 1, whichever entry point (manage.py, uvicorn, celery) read the setting."""


def text(name: str, default: str | None = None, *, hint: str = "") -> str:
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise Misconfigured(f"{name} is not set. {hint or 'Set it in the environment.'}")
    return value


def beginning(start: str) -> dict[str, str]:
    """All settings whose names begin so, without that beginning."""
    return {name.removeprefix(start): value.strip() for name, value in os.environ.items() if name.startswith(start) and value.strip()}


def currency(name: str, default: str) -> str:
    value = text(name, default).upper()
    if len(value) == 3 and value.isascii() and value.isalpha():
        return value
    raise Misconfigured(f"{name} is {value!r}: set it to the three letters of a currency, such as EUR.")


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "1", "true", "0", "false"}:
        return default if value == "" else value in {"1", "true"}
    raise Misconfigured(f"{name} is {value!r}: set it to 1 (on) or 0 (off).")


def number(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.lstrip("-").isdigit() or not least <= int(value) <= most:
        raise Misconfigured(f"{name} is {value!r}: set it to a whole number from {least} to {most}.")
    return int(value)


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Networks separated by commas, such as 10.20.0.0/16,fd12::/32."""
    try:
        return [ipaddress.ip_network(words.strip()) for words in text(name, "").split(",") if words.strip()]
    except ValueError as error:
        raise Misconfigured(f"{name} is {os.environ.get(name)!r}: set it to networks such as 10.20.0.0/16, separated by commas ({error}).") from None


def origins(name: str) -> list[str]:
    """Origins of the web separated by spaces, such as https://app.example.com: a scheme and a host, no path."""
    found = text(name, "").split()
    for word in found:
        url = urlsplit(word)
        if url.scheme not in {"https", "http"} or not url.netloc or url.path or url.query or url.fragment or set(word) & set("*;,'"):
            raise Misconfigured(f"{name} holds {word!r}: set it to origins such as https://app.example.com, separated by spaces.")
    return found


def database(name: str) -> dict[str, object]:
    """Django's DATABASES entry from postgres://user:password@host:port/name or, for a unix socket, postgres://user@/name?host=/folder."""
    hint = "Set it to postgres://USER:PASSWORD@HOST:5432/NAME, or use `make demo` / `make manage`, which bring their own database."
    url = urlsplit(text(name, hint=hint))
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise Misconfigured(f"{name} does not name a PostgreSQL database. {hint}")
    options = {key: values[-1] for key, values in parse_qs(url.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.strip("/"),
        "USER": url.username or "",
        "PASSWORD": url.password or "",
        "HOST": options.pop("host", url.hostname or ""),
        "PORT": str(url.port or ""),
        # A server that is stopped keeps callers waiting no longer than this. Nothing is prepared unless a number stands here, and then only what
        # core.statements and core.reading leave their values out of: a pooler in between must know prepared statements, as PgBouncer does since 1.21.
        "OPTIONS": {"connect_timeout": "5", "prepare_threshold": 5, **options},
    }


def valkey() -> str:
    """VALKEY_URL, or REDIS_URL as hosting services name it: redis://HOST:6379/0, rediss://... or unix:///path/to/socket."""
    hint = "Set it to redis://HOST:6379/0 (or unix:///path/to/socket), or use `make demo` / `make manage`, which bring their own."
    value = os.environ.get("VALKEY_URL", "").strip() or os.environ.get("REDIS_URL", "").strip()
    if not value:
        raise Misconfigured(f"VALKEY_URL (or REDIS_URL) is not set. {hint}")
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise Misconfigured(f"VALKEY_URL is {value!r}. {hint}")
    return value


def broker(valkey_url: str) -> str:
    """The same server in the spelling that Celery's transport reads."""
    return valkey_url.replace("unix://", "redis+socket://", 1)


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).resolve()
