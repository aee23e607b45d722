import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from pickeez_site import env

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the variable SOME_SETTING, which is unset before."""
    monkeypatch.delenv("SOME_SETTING", raising=False)
    return lambda value: monkeypatch.setenv("SOME_SETTING", value)


READERS = {
    "text": lambda: env.text("SOME_SETTING", "default"),
    "boolean": lambda: env.boolean("SOME_SETTING", True),
    "integer": lambda: env.integer("SOME_SETTING", 7),
    "choice": lambda: env.choice("SOME_SETTING", ("a", "b"), "b"),
    "words": lambda: env.words("SOME_SETTING", ["one"]),
    "url": lambda: env.url("SOME_SETTING", "http://default.example"),
    "dotted_path": lambda: env.dotted_path("SOME_SETTING", "a.B"),
    "directory": lambda: env.directory("SOME_SETTING", Path("/default")),
    "networks": lambda: env.networks("SOME_SETTING"),
    "file": lambda: env.file("SOME_SETTING", Path("/default")),
    "directories": lambda: env.directories("SOME_SETTING"),
    "id_or_phone": lambda: env.id_or_phone("SOME_SETTING"),
    "ids_or_phones": lambda: env.ids_or_phones("SOME_SETTING"),
    "web_origins": lambda: env.web_origins("SOME_SETTING"),
    "issuer": lambda: env.issuer("SOME_SETTING"),
    "email": lambda: env.email("SOME_SETTING", "no-reply@a.example"),
    "email_url": lambda: env.email_url("SOME_SETTING", {}).get("EMAIL_HOST"),
    "client_origins": lambda: env.web_origins("SOME_SETTING", ["tauri://localhost"], schemes=["tauri"]),
}
DEFAULTS = [
    "default",
    True,
    7,
    "b",
    ["one"],
    "http://default.example",
    "a.B",
    Path("/default"),
    [],
    Path("/default"),
    [],
    "",
    [],
    [],
    "",
    "no-reply@a.example",
    None,
    ["tauri://localhost"],
]


@pytest.mark.parametrize(("reader", "default"), list(zip(READERS, DEFAULTS, strict=True)))
@pytest.mark.parametrize("value", [None, "", "   "])
def test_an_unset_or_empty_variable_is_the_default(
    given: Callable[[str], None], reader: str, default: Path | int | list[str] | str, value: str | None
) -> None:
    if value is not None:
        given(value)
    assert READERS[reader]() == default


@pytest.mark.parametrize(
    ("reader", "value", "meaning"),
    [
        ("text", " some text ", "some text"),
        *[("boolean", word, True) for word in ("1", "true", "TRUE", "Yes", "on")],
        *[("boolean", word, False) for word in ("0", "false", "False", "no", "OFF")],
        ("integer", "0", 0),
        ("integer", " 042 ", 42),
        ("choice", "a", "a"),
        ("words", " a, b ,,c ", ["a", "b", "c"]),
        ("words", ",", ["one"]),
        ("url", "https://example.org:8443/base/", "https://example.org:8443/base"),
        ("url", "http://[::1]:8000", "http://[::1]:8000"),
        ("dotted_path", "package.module.Class", "package.module.Class"),
        ("directory", "/srv/../data", Path("/data")),
        ("file", "/srv/models/a.onnx", Path("/srv/models/a.onnx")),
        ("directories", "/srv/a, /srv/b c", [Path("/srv/a"), Path("/srv/b c")]),
        ("id_or_phone", "+12025550111", "+12025550111"),
        ("id_or_phone", "018f0000-0000-7000-8000-000000000000", "018f0000-0000-7000-8000-000000000000"),
        ("client_origins", "tauri://localhost, tauri://a:1420", ["tauri://localhost", "tauri://a:1420"]),
        ("ids_or_phones", "+12025550111, 12025550122", ["+12025550111", "12025550122"]),
        ("web_origins", "https://a.example, http://b:8080", ["https://a.example", "http://b:8080"]),
        ("web_origins", "http://127.0.0.1:65535,https://[::1]:1", ["http://127.0.0.1:65535", "https://[::1]:1"]),
        ("issuer", "https://id.example/realms/a/", "https://id.example/realms/a"),
        ("issuer", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("email", "Our photos <photos@a.example>", "Our photos <photos@a.example>"),
        ("email_url", "smtp://mail.example", "mail.example"),
        ("email_url", "submission://user:word@mail.example:2587/", "mail.example"),
        ("email_url", "smtp://user:word@mail.example:465?ssl=true", "mail.example"),
        ("networks", "10.0.0.0/8, 2001:db8::1", [ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128")]),
    ],
)
def test_a_value_of_the_right_form_is_read(
    given: Callable[[str], None],
    reader: str,
    value: str,
    meaning: Path | int | list[IPv4Network | IPv6Network | Path | str] | str,
) -> None:
    given(value)
    assert READERS[reader]() == meaning


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        *[("boolean", word) for word in ("2", "enabled", "tru", "t", "None")],
        *[("integer", word) for word in ("-1", "1.5", "1e3", "0x10", "1_000", "٣", "²", "seven")],
        *[("choice", word) for word in ("c", "A", "a,b")],
        *[
            ("url", word)
            for word in ("example.org", "ftp://example.org", "http://", "http:///path", "//example.org")
        ],
        *[("dotted_path", word) for word in ("Class", "a..B", ".B", "a.", "a.B()", "a/b.C", "a.1B")],
        ("file", "/usr"),
        *[("directories", word) for word in ("relative", "/srv,relative", "~/photos")],
        *[("web_origins", word) for word in ("*", "null", "https://*.example", "a.example", "https://a.example/")],
        *[("web_origins", word) for word in ("https://a.example/app", "https://A.example", "https://u@a.example")],
        *[
            ("web_origins", word)
            for word in ("https://a.example:443", "http://a:80", "https://a:0", "https://a:65536")
        ],
        *[
            ("web_origins", word)
            for word in ("tauri://localhost", "https://a b", "https://a.example?", "https://a.")
        ],
        *[("client_origins", word) for word in ("*", "null", "https://a.example", "tauri://", "tauri://a/")],
        *[("ids_or_phones", word) for word in ("somebody", "12025550111 12025550122", "12025550111,12")],
        *[("issuer", word) for word in ("http://id.example", "id.example", "https://id.example/?a=b")],
        *[("email", word) for word in ("photos", "a@b@c", "Photos <photos>", "a@b.example, c@d.example")],
        *[
            ("email_url", word)
            for word in ("mail.example", "smtp://", "smtps://mail.example", "http://mail.example")
        ],
        *[
            ("email_url", word)
            for word in ("smtp://a:99999", "smtp://a/path", "smtp://a?tls=maybe", "console://x")
        ],
        *[("email_url", word) for word in ("smtp://a?timeout=1", "file:///tmp", "smtp://a#b", "smtp://a?tls")],
        *[("id_or_phone", word) for word in ("somebody", "12", "+1 202 555 0111", "1234567890123456", "+")],
        *[
            ("networks", word)
            for word in ("localhost", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8 10.1.0.0/16", "*")
        ],
    ],
)
def test_any_other_value_is_refused_naming_the_variable_and_not_the_value(
    given: Callable[[str], None], reader: str, value: str
) -> None:
    given(value)
    with pytest.raises(ImproperlyConfigured, match="SOME_SETTING") as caught:
        READERS[reader]()
    assert f" {value} " not in f" {caught.value} "


def test_an_integer_below_its_minimum_is_refused(given: Callable[[str], None]) -> None:
    given("59")
    assert env.integer("SOME_SETTING", 100, minimum=59) == 59
    with pytest.raises(ImproperlyConfigured, match="SOME_SETTING must be a whole number of at least 60"):
        env.integer("SOME_SETTING", 100, minimum=60)


def test_a_directory_is_absolute_and_may_start_at_home(
    given: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    given("~/photos")
    assert READERS["directory"]() == Path("/home/somebody/photos")
    given("relative")
    assert READERS["directory"]() == Path.cwd() / "relative"


def test_the_example_names_exactly_what_the_settings_read() -> None:
    read_elsewhere = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}  # by boto3
    read_elsewhere |= {"WEB_PROCESSES"}  # by gunicorn.conf.py
    settings = [path.read_text(encoding="utf-8") for path in (PROJECT / "pickeez_site" / "settings").glob("*.py")]
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', "\n".join(settings)))
    example = re.findall(r"^#?([A-Z0-9_]+)=", (PROJECT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(example) == len(set(example))
    assert set(example) == read | read_elsewhere
