"""Words of users in SMS: one short line without links."""

import pytest

from accounts.messaging.texts import short_line


@pytest.mark.parametrize(
    "text",
    [
        "Summer",
        "Wedding 20.07.2024",
        "St. Moritz",
        "Trip... and more",
        "10:30 at the lake",
        "קיץ 2024",
        "👨\u200d👩\u200d👧 family",
        "",
    ],
)
def test_usual_names_stay_as_they_are(text: str) -> None:
    assert short_line(text) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\t", "\0"])
def test_all_is_on_one_line(end: str) -> None:
    assert short_line(f"one{end}two") == "one two"


@pytest.mark.parametrize(("length", "expected"), [(60, "x" * 60), (61, "x" * 59 + "…"), (500, "x" * 59 + "…")])
def test_a_line_has_at_most_sixty_characters(length: int, expected: str) -> None:
    assert short_line("x" * length) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("evil.com", "evil com"),
        ("https://evil.com/x?y=1", "evil com/x?y=1"),
        ("Win at www.evil.co.uk now", "Win at www evil co uk now"),
        ("HTTPS:\\\\evil.com", "evil com"),
        ("http:evil.com", "evil com"),
        ("mailto:a@evil.com", "a@evil com"),
        ("tel:+19002345678", "+19002345678"),
        ("http://192.0.2.1:80/a", "192 0 2 1:80/a"),
        ("evil\u3002com", "evil com"),
        ("evil\uff0ecom", "evil com"),
        ("evil\u2024com", "evil com"),
        ("ev\u200bil.c\u2060om", "evil com"),
        ("evil\u202e.com", "evil com"),
        ("evil.\u200dcom", "evil com"),
        ("evil.\ufe0fcom", "evil com"),
        ("evil.\u034fcom", "evil com"),
        ("evil.\u3164com", "evil com"),
        ("hxxp://evil.com", "evil com"),
        ("привет.рф", "привет рф"),
        ("foo.xn--p1ai", "foo xn--p1ai"),
    ],
)
def test_a_phone_finds_no_link(text: str, expected: str) -> None:
    assert short_line(text) == expected
