"""What carriers count, and what a whole text asks for."""

import pytest

from apps.messaging import keywords, texts
from apps.messaging.keywords import Word


@pytest.mark.parametrize(
    ("text", "encoding", "places", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("é£ñü@" * 32, "GSM-7", 160, 1),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        # 76 signs of two places fill 152 of 153: the next one is not cut in two.
        ("€" * 153, "GSM-7", 306, 3),
        ("ș" * 70, "UCS-2", 70, 1),
        ("ș" * 71, "UCS-2", 71, 2),
        ("ș" * 134, "UCS-2", 134, 2),
        ("a" * 69 + "ș", "UCS-2", 70, 1),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 67, "UCS-2", 134, 3),
    ],
)
def test_a_text_is_counted_as_carriers_do(text, encoding, places, parts):
    assert (texts.size(text).encoding, texts.size(text).places, texts.size(text).parts) == (encoding, places, parts)


def test_the_letters_that_make_a_text_dearer_are_named():
    assert texts.size("Grüße – bis „morgen“").outside == "–„“"
    assert texts.size("plain").outside == ""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *[(text, Word.STOP) for text in ("STOP", "stop", " Stop \n", "STOP ", "stopall", "UNSUBSCRIBE", "cancel", "End", "quit", "\u00a0stop\u00a0")],
        *[(text, Word.START) for text in ("start", "YES", "unstop")],
        *[(text, Word.HELP) for text in ("help", "INFO")],
        *[(text, None) for text in ("don't stop", "stop please", "restart", "I'll start Monday", "STOP.", "s t o p", "", "🛑", "stop🛑")],
        # Beyond ASCII small and capital letters meet that are not the same.
        *[(text, None) for text in ("unsubscrıbe", "UNSUBSCRİBE", "ＳＴＯＰ")],
    ],
)
def test_only_the_whole_text_is_a_keyword(text, word):
    assert keywords.of(text) == word


@pytest.mark.parametrize(("text", "asks"), [("don't stop", True), ("stop please", True), ("Stop!", True), ("restart", False), ("stop", False)])
def test_words_around_a_keyword_are_for_a_person(text, asks):
    assert keywords.needs_person(text) == asks
