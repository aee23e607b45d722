"""Makes the gallery's catalogues of translations: `make messages`, or `python -m pickeez_site.gallery.tests.catalogues`.

It finds all texts in the gallery's Python files and templates, brings `locale/*/LC_MESSAGES/django.po` up to date (what is
translated stays; new texts are empty), and compiles them to `django.mo`, which Django reads.
"""

import ast
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

GALLERY = Path(__file__).resolve().parents[1]
LOCALE = GALLERY / "locale"
LANGUAGES = ("de", "he")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # in the headers: files change only when a text does
# The arguments that are texts, and (with a "c") the context.
KEYWORDS: Mapping[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(gettext|ngettext|pgettext|_)\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)", re.DOTALL)

Text = str | tuple[str, str]


def texts() -> Iterator[tuple[Text, str | None, str]]:
    """Yields each text (or its singular and plural), its context, and the file that has it."""
    for path in sorted(GALLERY.rglob("*.py")):
        if "tests" not in path.relative_to(GALLERY).parts:
            yield from _of_python(path)
    for path in sorted(GALLERY.rglob("*.html")):
        yield from _of_template(path)


def _of_python(path: Path) -> Iterator[tuple[Text, str | None, str]]:
    with path.open("rb") as file:
        for _, function, found, _comments in extract_python(file, KEYWORDS, [], {}):
            arguments: Any = found  # one, several, or none; None for one that is no text
            texts_of_call = [arguments] if isinstance(arguments, str) else arguments or ()
            if words := [word for word in texts_of_call if word]:
                yield _entry(str(function), words, path)


def _of_template(path: Path) -> Iterator[tuple[Text, str | None, str]]:
    """Django turns a template into calls of gettext with nonsense in between."""
    for call in _CALL.finditer(templatize(path.read_text(), str(path))):
        words = [ast.literal_eval(text) for text in re.findall(_TEXT, call[2], re.DOTALL)]
        yield _entry(call[1], words, path)


def _entry(function: str, words: list[str], path: Path) -> tuple[Text, str | None, str]:
    name = path.relative_to(GALLERY).as_posix()
    if function == "pgettext":
        return words[1], words[0], name
    if function == "ngettext":
        return (words[0], words[1]), None, name
    return words[0], None, name


def template_catalog() -> Catalog:
    """Returns the catalogue of all texts, without translations."""
    catalog = Catalog(
        project="Pickeez",
        header_comment="# The texts of the gallery. `make messages` brings this file up to date.",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        creation_date=EPOCH,
        revision_date=EPOCH,
        fuzzy=False,
    )
    for text, context, file in texts():
        catalog.add(text, context=context, locations=[(file, 1)])
    return catalog


def path_of(language: str, ending: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{ending}"


def read(language: str) -> Catalog:
    with path_of(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def update() -> None:
    """Brings the catalogues up to date. Translations whose text is gone are kept, in case that it comes back."""
    for language in LANGUAGES:
        old, catalog = read(language), template_catalog()
        catalog.locale = language
        known = {_key(message): message for message in (*old.obsolete.values(), *old) if message.id}
        for message in catalog:
            if message.id and (before := known.pop(_key(message), None)):
                message.string = before.string
        for message in known.values():
            if message.string and all(message.string):
                catalog.obsolete[message.id] = message
        write(language, catalog)


def write(language: str, catalog: Catalog) -> None:
    """Writes the catalogue as `.po` and `.mo`."""
    path_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
    with path_of(language, "po").open("wb") as file:
        write_po(file, catalog, width=115, sort_output=True)
    path_of(language, "mo").write_bytes(compiled(read(language)))


def _key(message: Message) -> tuple[object, object]:
    return message.id if isinstance(message.id, str) else message.id[0], message.context


if __name__ == "__main__":
    update()
