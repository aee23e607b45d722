"""The base of PictoPy's viewsets, and the decorator by which an action says its message and finds its examples."""

import json
from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import TypeVar

from msgspec.structs import replace

from pickeez_site.dialects.openapi.examples import examples_of
from pickeez_site.dialects.parsers import SafeJSONParser
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.authentication import LocalLibraryAuthentication, PictoPyAuthentication
from pickeez_site.dialects.pictopy.dialect import DIALECT
from pickeez_site.dialects.viewsets import DialectViewSet, SignedIn

TEXT = json.dumps(examples_of("pictopy"))
EXAMPLES = json.loads(TEXT.replace("{folder}", "/pictures/trip").replace("{extra}", "/pictures/other/4.png"))
# The first to each path.
STEPS = {step["request"]["path"]: step for step in reversed(EXAMPLES["session"]["steps"])}
Data = TypeVar("Data")
Action = Callable[..., wire.Success[Data]]


class PictoPyViewSet(DialectViewSet):
    """A caller with a token or on this machine, and JSON bodies."""

    dialect = DIALECT
    parser_classes = [SafeJSONParser]
    authentication_classes = [PictoPyAuthentication, LocalLibraryAuthentication]
    permission_classes = [SignedIn]


def told(message: str, path: str) -> Callable[[Action[Data]], Action[Data]]:
    """Has the answer of an action say this, unless it says something itself; `asked` and `data` fill the blanks.

    The examples are what the document's session sends to the path, and what it gets, or more telling data of ours.
    """
    request, answer = STEPS[path]["request"], STEPS[path]["answer"]["json"]
    example, example_data = request.get("json"), EXAMPLES["data"].get(path, answer["data"])

    def say(answer: wire.Success[Data], asked: object) -> wire.Success[Data]:
        return replace(answer, message=answer.message or message.format(asked=asked, data=answer.data))

    def decorate(action: Action[Data]) -> Action[Data]:
        @wraps(action)
        def answer(viewset: object, request: object, asked: wire.Wire) -> wire.Success[Data]:
            return say(action(viewset, request, asked), asked)

        answer_example = say(wire.success(example_data), SimpleNamespace(**(example or {})))
        vars(answer)["documented"] = {"example": example, "answer_example": answer_example}
        return answer

    return decorate
