"""How figures are said, the same in templates and in the grid's cells."""

from datetime import date, timedelta
from decimal import Decimal

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def money(amount: Decimal | float | None, currency: str = "USD") -> str:
    """24000 USD -> $24.0k; 1250000 SEK -> 1.3M SEK."""
    if amount is None:
        return "–"
    value = float(amount)
    short = f"{value / 1e6:.1f}M" if abs(value) >= 999_500 else f"{value / 1e3:.1f}k" if abs(value) >= 1000 else f"{value:.0f}"
    return f"{_SIGNS[currency]}{short}" if currency in _SIGNS else f"{short} {currency}"


def exact(amount: Decimal | float | None, currency: str = "USD") -> str:
    return "" if amount is None else f"{float(amount):,.0f} {currency}"


def signed(points: int | None) -> str:
    return "" if points is None else "±0" if points == 0 else f"{points:+d}".replace("-", "−")


def day_words(day: date | None, today: date) -> str:
    if day is None:
        return "never"
    if day == today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    return f"{(today - day).days} d ago" if 0 < (today - day).days < 60 else day.strftime("%-d %b %Y")


def renewal(days: int | None) -> str:
    if days is None:
        return "–"
    return f"in {days} d" if days > 0 else "today" if days == 0 else f"{-days} d overdue"


def spell(seconds: float) -> str:
    """How long, in the largest whole unit: 95 -> 1 min."""
    for limit, length, word in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // length)} {word}"
    return f"{int(seconds // 86_400)} d"
