"""A day is written one way wherever people read it: 7 Mar, as templates and scripts have it too."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PADDED = ("%d %b", "%d %B", '"d M', '"d F')


def padded(folder: str, ending: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / folder).rglob(f"*{ending}"))
        for line, text in enumerate(path.read_text().splitlines(), 1)
        if any(way in text for way in PADDED)
    ]


@pytest.mark.parametrize(("folder", "ending"), [("apps", ".py"), ("cs_platform", ".py"), ("templates", ".html")])
def test_no_day_begins_with_a_nought(folder, ending):
    assert padded(folder, ending) == []
