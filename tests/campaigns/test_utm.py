"""Links that say where their reader came from."""

import pytest

from apps.campaigns.services import utm

MORE = {"medium": "email", "campaign": "spring", "content": "a"}


@pytest.mark.parametrize(
    ("url", "tagged"),
    [
        ("https://a.test/x", "https://a.test/x?utm_source=cs-platform&utm_medium=email&utm_campaign=spring&utm_content=a"),
        ("https://a.test/x?y=1#z", "https://a.test/x?y=1&utm_source=cs-platform&utm_medium=email&utm_campaign=spring&utm_content=a#z"),
        ("https://a.test/?utm_source=us&y=", "https://a.test/?utm_source=us&y=&utm_medium=email&utm_campaign=spring&utm_content=a"),
        ("mailto:ana@a.test", "mailto:ana@a.test"),
        ("/inside", "/inside"),
        ("https://[bad", "https://[bad"),
    ],
)
def test_an_address_gets_what_it_does_not_carry_yet(url, tagged):
    assert utm.tagged(url, **MORE) == tagged
    assert utm.tagged(tagged, **MORE) == tagged


def test_words_are_encoded_and_an_empty_content_is_left_out():
    assert utm.tagged("https://a.test", medium="in app", campaign="ä&b") == (
        "https://a.test?utm_source=cs-platform&utm_medium=in+app&utm_campaign=%C3%A4%26b"
    )


def test_links_in_a_text_are_found_and_our_own_signed_pages_are_spared():
    text = "See https://a.test/x, or (https://b.test).\nAnswer: https://cs.test/c/survey/abc?score=9"
    assert utm.tag_links(text, medium="email", campaign="s", spare=["https://cs.test/c/"]) == (
        "See https://a.test/x?utm_source=cs-platform&utm_medium=email&utm_campaign=s, "
        "or (https://b.test?utm_source=cs-platform&utm_medium=email&utm_campaign=s).\n"
        "Answer: https://cs.test/c/survey/abc?score=9"
    )
