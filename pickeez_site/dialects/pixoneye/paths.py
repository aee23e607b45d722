"""Paths that end in two ids, of which the first may hold slashes."""

from typing import Annotated
from urllib.parse import unquote, urlsplit

from msgspec import Meta
from rest_framework.request import Request

from pickeez_site.dialects.pixoneye.dialect import DIALECT
from pickeez_site.dialects.pixoneye.wire import AppId, Name
from pickeez_site.dialects.wire import BadInput, Text

DEVICE_ID = Annotated[Name, Meta(examples=["device-1"])]
APP_ID = Annotated[AppId, Meta(examples=["MyApp"])]
DEVICE_AND_APP = {"deviceID": DEVICE_ID, "appID": APP_ID}
DEVICE_AND_OWNER = {"deviceID": DEVICE_ID, "ownerID": Annotated[Name, Meta(examples=["Acme"])]}
USER_AND_APP = {"appUserID": Annotated[Name, Meta(examples=["user-1"])], "appID": APP_ID}


def id_and_app_id(ids: str, name: str) -> tuple[str, str]:
    """Splits a path's `ID/APP_ID`. The id may hold slashes; the app's cannot, so the last one parts them.

    Raises `BadInput` naming the id.
    """
    text, _, app_id = ids.removesuffix("/").rpartition("/")
    return _checked(name, text, Name), _checked("appID", app_id, AppId)


def device_and_owner(request: Request, ids: str, own: str) -> tuple[str, str]:
    """Splits a path's `DEVICE_ID/OWNER_ID`, both of which may hold slashes. Raises `BadInput` naming the id.

    In the path as it was sent those are percent-encoded. Where the server does not pass that on, or something on
    the way has decoded it, the caller's `own` owner id tells where the device's ends.
    """
    sent = _sent_path(request).removesuffix("/").split("/")
    before = len(request.path.removesuffix(ids).split("/")) - 1
    if len(sent) == before + 2:
        # What is no UTF-8 becomes characters that are not printable.
        device_id, owner_id = (unquote(part, errors="surrogateescape") for part in sent[before:])
    else:
        ids = ids.removesuffix("/")
        owner_id = own if ids.endswith(f"/{own}") else ids.rpartition("/")[2]
        device_id = ids.removesuffix(owner_id).removesuffix("/")
    return _checked("deviceID", device_id, Name), _checked("ownerID", owner_id, Name)


def _checked(name: str, text: str, kind: type[Text]) -> str:
    if not kind.is_good(text):
        raise BadInput(DIALECT.reader.invalid(name, kind.allowed))
    return text


def _sent_path(request: Request) -> str:
    """The path of the request line, still encoded; '' where the server does not tell."""
    uri = request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or ""
    return urlsplit(uri).path if uri.startswith("http") else uri.partition("?")[0]
