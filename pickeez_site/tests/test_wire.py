"""The wire that all dialects share: what a reader makes of a request's members, and what OpenAPI says of them."""

from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import RequestFactory
from msgspec import Meta
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request

from pickeez_site.dialects.dialect import ErrorDescription, ErrorRow, Failure
from pickeez_site.dialects.errors import SHARED, described_error
from pickeez_site.dialects.openapi.operations import Describer, path_of
from pickeez_site.dialects.pixoneye.dialect import DIALECT
from pickeez_site.dialects.routing import route
from pickeez_site.dialects.security import OPEN
from pickeez_site.dialects.viewsets import Answer, DialectViewSet, operation
from pickeez_site.dialects.wire import BadInput, OpenWire, Reader, Text, Wire, from_attributes
from pickeez_site.dialects.wire.schemas import Schema, schemas_of
from pickeez_site.dialects.wire.types import rules
from pickeez_site.tests.schema_snapshot import differences, normalised

Data = TypeVar("Data")


class Part(OpenWire):
    name: Annotated[str, Meta(max_length=5)]
    number: int | None = None


class Whole(OpenWire):
    parts: Annotated[list[Part], Meta(min_length=1, max_length=2)]


class Placing(OpenWire):
    place: str
    order: Literal[""] | None = None


class Renaming(OpenWire):
    name: Annotated[str, rules(max_length=5, also="title")]


class Sorting(OpenWire):
    order: str


class Success(Wire, Generic[Data]):
    data: Data


class AsFile(Wire, kw_only=True):
    name: str = ""
    file: UploadedFile


class ByName(Wire):
    name: str


class Sure(Wire):
    sure: Annotated[Literal["yes"], Meta(extra={"refusal": "This needs sure=yes."})]


class Colour(Text):
    allowed = "red or green"
    description = "Empty: any."
    words = ("red", "green", "")


class Light(Wire):
    colour: Colour


class Numbers(Wire):
    number: Annotated[int, Meta(ge=0, le=9)] | Annotated[float, Meta(ge=0, le=9)]
    agreed: Literal[True]


class Everything(OpenWire):
    limit: Annotated[int | None, Meta(description="How many.")] = None


class Named(Wire, rename={"id": "_id"}):
    id: int
    name: str
    nickname: str | None
    colours: list[str]


@dataclass
class User:
    id: int
    name: str = ""
    nickname: str = ""


THE_NAME = Answer("The file's name.")


class Files(DialectViewSet):
    section = "Files"

    @operation("Adds a file")
    def add(self, request: Request, asked: AsFile | ByName) -> ByName:
        raise NotImplementedError

    @operation("A file", answer=THE_NAME, path={"folder": str, "name": str})
    def retrieve(self, request: Request, names: str) -> ByName:
        raise NotImplementedError

    @operation("Lists files", security=OPEN)
    def list(self, request: Request, asked: Everything) -> ByName:
        raise NotImplementedError


class LockedFiles(DialectViewSet):
    dialect = replace(DIALECT, done=ByName(name="done"))
    section = "Files"
    security = [{"apiKey": []}]

    @operation("Removes a file")
    def remove(self, request: Request) -> None: ...

    @operation("Lists files", security=OPEN)
    def list(self, request: Request) -> ByName:
        raise NotImplementedError


class NullIsMissing(Reader):
    null_is_missing = True


def read(kind: type[Wire] | UnionType, given: object, reader: Reader | None = None) -> Wire:
    made = RequestFactory().post("/", given, content_type="application/json")
    return (reader or Reader()).read(kind, Request(made, parsers=[JSONParser()]))


def test_objects_in_a_list_are_read_by_the_rules_of_the_reader() -> None:
    parts = [{"name": "a", "number": 3.0, "other": 1}, {"name": "b"}]
    assert read(Whole, {"parts": parts}) == Whole(parts=[Part(name="a", number=3), Part(name="b")])


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([{"number": 3}], "name is missing."),
        ([{"name": None}], "name is missing."),
        ([{"name": "too long"}], "name must be text of at most 5 characters."),
        ([], "parts must be a list of at most 2 items."),
        ([{"name": "a"}] * 3, "parts must be a list of at most 2 items."),
        ([3], "parts must be a list of at most 2 items."),
        ("all", "parts must be a list of at most 2 items."),
    ],
)
def test_what_is_wrong_in_a_list_of_objects_is_told(parts: object, words: str) -> None:
    with pytest.raises(BadInput) as told:
        read(Whole, {"parts": parts}, NullIsMissing())
    assert str(told.value) == words


def test_null_is_a_value_where_it_is_said_to_be_one() -> None:
    assert read(Part, {"name": "a", "number": None}, NullIsMissing()) == Part(name="a", number=None)
    with pytest.raises(BadInput, match="name must be text"):
        read(Part, {"name": None})


@pytest.mark.parametrize("given", [{"title": "a"}, {"name": None, "title": "a"}, {"name": "a", "title": "b"}])
def test_a_member_is_taken_under_its_other_name_when_it_is_missing_under_its_own(given: dict[str, object]) -> None:
    assert read(Renaming, given, NullIsMissing()) == Renaming(name="a")


def test_a_member_without_another_name_is_not_taken_under_an_empty_one() -> None:
    assert read(Part, {"name": "a", "": "b"}) == Part(name="a")


@pytest.mark.parametrize(
    ("given", "words"),
    [({}, "name is missing."), ({"title": "too long"}, "title must be text of at most 5 characters.")],
)
def test_what_is_wrong_is_told_by_the_name_that_was_sent(given: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput) as told:
        read(Renaming, given)
    assert str(told.value) == words


@pytest.mark.parametrize("more", [{}, {"order": None}, {"order": ""}])
def test_of_several_kinds_a_literal_that_may_be_missing_chooses(more: dict[str, object]) -> None:
    assert isinstance(read(Placing | Sorting, {"place": "x", **more}), Placing)
    assert read(Placing | Sorting, {"place": "x", "order": "a"}) == Sorting(order="a")


@pytest.mark.parametrize(("file", "kind"), [("picture", AsFile), (None, ByName)])
def test_of_several_kinds_a_file_chooses(file: str | None, kind: type[Wire]) -> None:
    files = {"file": SimpleUploadedFile("a.jpg", b"x")} if file else {}
    made = RequestFactory().post("/", {"name": "a", **files})
    assert isinstance(Reader().read(AsFile | ByName, Request(made, parsers=[MultiPartParser()])), kind)


def test_a_member_may_say_by_itself_what_is_wrong() -> None:
    with pytest.raises(BadInput, match=r"^This needs sure=yes\.$"):
        read(Sure, {"sure": "no"})


def test_a_text_may_be_one_of_some_words() -> None:
    assert [read(Light, {"colour": word}) for word in Colour.words]
    for wrong in ("blue", 3, None):
        with pytest.raises(BadInput, match="colour must be red or green"):
            read(Light, {"colour": wrong})
    _, components = schemas_of([Light])
    described = {"type": "string", "description": "Empty: any.", "enum": ["red", "green", ""]}
    assert components["Light"]["properties"] == {"colour": described}


def test_a_number_is_read_as_it_came() -> None:
    kept = [repr(msgspec.convert({"number": one, "agreed": True}, Numbers).number) for one in (1, 1.0, 1.5)]
    assert kept == ["1", "1.0", "1.5"]


def test_a_number_and_a_single_word_are_described_in_one_way() -> None:
    _, components = schemas_of([Numbers])
    assert components["Numbers"]["properties"] == {
        "number": {"type": "number", "minimum": 0, "maximum": 9},
        "agreed": {"const": True},
    }


def test_each_kind_is_described_in_the_content_type_that_carries_it() -> None:
    described = Describer(DIALECT).describe(Files, vars(Files.add)["operation"], "post")
    content = described["requestBody"]["content"]
    assert {name: one["schema"]["$ref"].rpartition("/")[2] for name, one in content.items()} == {
        "multipart/form-data": "AsFile",
        "application/json": "ByName",
    }


def test_a_query_has_no_null_and_who_need_not_be_known_is_not_refused() -> None:
    described = Describer(DIALECT).describe(Files, vars(Files.list)["operation"], "get")
    [parameter] = described["parameters"]
    assert (parameter["schema"], parameter["description"]) == ({"type": "integer"}, "How many.")
    assert (401 in DIALECT.always, "401" in described["responses"]) == (True, False)


def test_a_viewset_says_who_may_call_its_routes_where_they_do_not_say_otherwise() -> None:
    described = [
        Describer(DIALECT).describe(LockedFiles, vars(action)["operation"], "get")["security"]
        for action in (LockedFiles.remove, LockedFiles.list)
    ]
    assert described == [[{"apiKey": []}], []]


def test_an_action_that_returns_nothing_answers_what_its_dialect_says() -> None:
    operation_of = vars(LockedFiles.remove)["operation"]
    described = Describer(LockedFiles.dialect).describe(LockedFiles, operation_of, "post")["responses"]["200"]
    assert described["content"]["application/json"]["example"] == {"name": "done"}
    without_words = Describer(DIALECT).describe(LockedFiles, operation_of, "post")["responses"]["200"]
    assert without_words == {"description": "Done."}
    view = LockedFiles.as_view({"post": "remove"}, authentication_classes=[], permission_classes=[])
    assert view(RequestFactory().post("/")).render().content == b'{"name":"done"}'


def test_an_object_is_made_of_attributes_of_the_same_names() -> None:
    assert from_attributes(Named, User(1), colours=["red"]) == Named(id=1, name="", nickname=None, colours=["red"])
    assert from_attributes(Named, User(2, "Alice", "Al"), colours=[], id=3).id == 3
    with pytest.raises(AttributeError):
        from_attributes(Named, User(1))


def test_what_several_operations_answer_is_said_once() -> None:
    examples = {"200": {"name": "a"}}
    described = Describer(DIALECT).describe(Files, vars(Files.retrieve)["operation"], "get", examples)
    content = described["responses"]["200"]
    assert content["description"] == "The file's name."
    assert content["content"]["application/json"] == {
        "schema": {"$ref": "#/components/schemas/ByName"},
        "example": {"name": "a"},
    }


def test_an_error_without_words_of_its_own_is_described_with_those_of_its_row() -> None:
    rows = [ErrorRow(KeyError, 409, "First.", "The first."), ErrorRow(ValueError, 409, "Second.")]
    conflict = {409: ErrorDescription("It is there already.")}
    dialect = replace(DIALECT, errors=[*rows, ErrorRow(OSError, 413, "Too much.")], error_descriptions=conflict)
    first, second = Failure(409, "First.", "The first."), Failure(409, "Second.")
    assert described_error(dialect, 409) == (conflict[409], [first, second])
    assert described_error(dialect, 413) == (
        ErrorDescription("The body is too large."),
        [Failure(413, "Too much.")],
    )
    assert described_error(dialect, 503)[1] == [Failure(503, row.words) for row in SHARED if row.status == 503]


def test_a_path_that_django_takes_as_one_is_described_by_its_parts() -> None:
    one, _ = route("files/<path:names>/v1", Files, "file", get="retrieve")
    assert path_of(one, {}) == "/files/{folder}/{name}/v1"
    assert path_of(one, {"file": "/f"}) == "/f"


def test_a_dialect_says_which_errors_every_path_with_an_id_has() -> None:
    dialect = replace(DIALECT, path_errors=(404,))
    answers = [
        Describer(dialect).describe(Files, vars(action)["operation"], "get")["responses"]
        for action in (Files.retrieve, Files.list)
    ]
    assert ["404" in statuses for statuses in answers] == [True, False]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_gives_its_members_in_the_query_string(method: str) -> None:
    request = Request(RequestFactory().generic(method, "/?name=a&name=b", b"[1]", content_type="application/json"))
    assert Reader().read(Part, request) == Part(name="b")


def test_a_body_without_members_is_refused() -> None:
    with pytest.raises(BadInput, match="The body must be a JSON object"):
        read(Part, [1])


def test_a_generic_type_is_described_where_it_stands() -> None:
    (schema,), components = schemas_of([Success[list[Part]]])
    assert schema["properties"] == {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}}
    assert set(components) == {"Part"}


def test_other_ways_to_write_the_same_make_no_difference() -> None:
    def of(member: Schema) -> Schema:
        components: Schema = {"schemas": {}, "securitySchemes": {}}
        return normalised({"info": {}, "paths": {"properties": {"a": member}}, "components": components})

    null = {"type": "null"}
    pairs: list[tuple[Schema, Schema]] = [
        ({"enum": ["", "a", None]}, {"anyOf": [{"type": "string", "enum": ["", "a"]}, null]}),
        (
            {"type": ["boolean", "null"], "default": False},
            {"anyOf": [{"type": "boolean"}, null], "default": False},
        ),
        ({"type": "object", "additionalProperties": True}, {"type": "object"}),
    ]
    for one, other in pairs:
        assert list(differences(of(one), of(other))) == []
