"""The routes of `urls.py` as OpenAPI. What is not here comes from the domain's own words and limits."""

from dataclasses import fields
from pathlib import Path

from pickeez_site.dialects.openapi.describe import (
    API_KEYS,
    BOOLEAN,
    COUNT,
    TOKEN,
    Description,
    Operation,
    Schema,
    answer,
    array,
    body,
    examples_in,
    in_path,
    record,
    ref,
    text,
    words,
)
from pickeez_site.dialects.pixoneye.profiles import BATCH, EVERYBODY, MAX_BATCH, MAX_IDS
from pickeez_site.dialects.pixoneye.scrolling import LIFETIME_SECONDS, MAX_LENGTH
from pickeez_site.dialects.pixoneye.serializers import MAX_PLACE, MAX_PLACES, MISSPELT
from profiles.demographics import MULTIPLE_CHOICE, PLACE_LISTS, PLACES, SINGLE_CHOICE
from profiles.identifiers import APP_ID, MAX_APP_ID, MAX_ID
from profiles.services import Erased

EXAMPLES = examples_in(Path(__file__).parent / "examples")
PROFILE_1 = EXAMPLES["profiles-by-device-ids.answer"]["profiles"][0]

AN_ID = f"1 to {MAX_ID} printable characters of any script; slashes are percent-encoded in a path."
PLACE = text(f"At most {MAX_PLACE} printable characters.", maxLength=MAX_PLACE, format="printable")

IN_ANSWERS: dict[str, Schema] = {
    **{name: array(words(kind.values), uniqueItems=True, minItems=1) for name, kind in MULTIPLE_CHOICE.items()},
    **{name: {**PLACE, "minLength": 1} for name in PLACES},
    **{name: array({**PLACE, "minLength": 1}, uniqueItems=True, minItems=1) for name in PLACE_LISTS},
}
POSTED: dict[str, Schema] = {
    **{name: words([*kind.values, MISSPELT]) for name, kind in SINGLE_CHOICE.items()},
    **{name: array(words(kind.values)) for name, kind in MULTIPLE_CHOICE.items()},
    **dict.fromkeys(PLACES, PLACE),
    **{name: array(PLACE, maxItems=MAX_PLACES) for name in PLACE_LISTS},
}

COMPONENTS = {
    "Id": text(AN_ID, minLength=1, maxLength=MAX_ID, format="printable"),
    "AppId": text("The key's own app.", format="app-id", maxLength=MAX_APP_ID, pattern=f"^{APP_ID.pattern}$"),
    "Error": record({"error": text("What is wrong; of a member, its name and what it allows.")}),
    "Profile": record(
        {"deviceID": ref("Id"), **{name: words(kind.values) for name, kind in SINGLE_CHOICE.items()}},
        {"appUserID": ref("Id"), **IN_ANSWERS},
        description="Single choices are always there; lists and places when something is known.",
    ),
    "PostedProfile": record(
        {"deviceID": ref("Id"), "appID": ref("AppId")},
        {"appUserID": ref("Id"), **POSTED},
        description=f'Members that are given replace, the others stay. "{MISSPELT}" is read as "unknown".',
    ),
    "ListedDevices": record({"deviceIDs": array(ref("Id"), maxItems=MAX_IDS), "appID": ref("AppId")}),
    "EveryDevice": record(
        {"deviceIDs": {"const": EVERYBODY}, "appID": ref("AppId")},
        {
            "scrollID": text("As the batch before carried it.", format="scroll-id", maxLength=MAX_LENGTH),
            "batchSize": {"type": "integer", "minimum": 1, "maximum": MAX_BATCH, "default": BATCH},
        },
    ),
    "Deleted": record({"deleted": record({counted.name: COUNT for counted in fields(Erased)})}),
    "Consent": record({"deviceID": ref("Id"), "appID": ref("AppId"), "consent": BOOLEAN}),
}

SECURITY: list[Schema] = [{"apiKey": []}, {"xApiKey": []}, {"authorizationApiKey": []}]
SECURITY_SCHEMES = {**API_KEYS, "token": TOKEN}


def error(description: str, example: str) -> Schema:
    return answer(description, ref("Error"), example={"error": example})


ERRORS = {
    400: error("A member, an id in the path or the body is not what it may be.", "deviceID is missing."),
    401: error("No API key, a wrong or revoked one; or a token that is missing or wrong.", "Invalid API key."),
    403: error("Another app's or owner's id, or another user's consent.", "This key is not one of that appID."),
    404: error("Unknown, or erased.", "Not found."),
    410: error(
        f"The scrollID is older than {LIFETIME_SECONDS} s.", "The scrollID has expired. Begin again without one."
    ),
    413: error("The body is too large.", "The body is too large."),
    415: error("The body is not JSON.", 'Unsupported media type "text/plain" in request.'),
    503: error("The database or the storage is away.", "The database is away. Please try again later."),
}
OF_A_BODY = (400, 403, 413, 415)

DEVICE, APP = in_path("deviceID", ref("Id"), example="device-1"), in_path("appID", ref("AppId"), example="MyApp")

OPERATIONS = {
    ("profiles-by-device-ids", "post"): Operation(
        section="Profiles",
        summary="Profiles by list, or of every device in batches",
        description="Of a list: those found, in the list's order. Of every device: the batch after the "
        f"scrollID's; the last one carries none. A scrollID lives {LIFETIME_SECONDS} s.",
        takes=body(
            {"oneOf": [ref("ListedDevices"), ref("EveryDevice")]},
            listed=EXAMPLES["profiles-by-device-ids.request"],
            everybody=EXAMPLES["profiles-of-everybody.request"],
        ),
        answers={
            200: answer(
                "The profiles.",
                record({"profiles": array(ref("Profile"))}, {"scrollID": text("Absent from the last batch.")}),
                example={"profiles": [PROFILE_1]},
            )
        },
        errors=(*OF_A_BODY, 410),
    ),
    ("profile-by-app-user-id", "get"): Operation(
        section="Profiles",
        summary="The profile of the app's own user",
        parameters=[in_path("appUserID", ref("Id"), example="user-1"), APP],
        answers={200: answer("The profile.", record({"profile": ref("Profile")}), example={"profile": PROFILE_1})},
        errors=(400, 403, 404),
    ),
    ("post-profile", "post"): Operation(
        section="Profiles",
        summary="Creates a profile, or merges into it",
        takes=body(ref("PostedProfile"), example=EXAMPLES["post-profile.request"]),
        answers={201: answer("The whole profile.", record({"profile": ref("Profile")}))},
        errors=OF_A_BODY,
    ),
    ("scanned-images", "get"): Operation(
        section="Devices",
        summary="How many images of a device were scanned",
        parameters=[DEVICE, APP],
        answers={
            200: answer(
                "The count.", record({"count": COUNT}), example=EXAMPLES["scanned-images-by-device-id.answer"]
            )
        },
        errors=(400, 403, 404),
    ),
    ("erase-by-owner", "delete"): Operation(
        section="Devices",
        summary="Erases a device in every app of the owner",
        parameters=[DEVICE, in_path("ownerID", ref("Id"), example="Acme")],
        answers={200: answer("How much was erased.", ref("Deleted"))},
        errors=(400, 403),
    ),
    ("erase-by-app", "delete"): Operation(
        section="Devices",
        summary="Erases a device in the app",
        parameters=[DEVICE, APP],
        answers={200: answer("How much was erased.", ref("Deleted"))},
        errors=(400, 403),
    ),
    ("consent", "post"): Operation(
        section="Devices",
        summary="Gives or withdraws the user's consent to derived profiles",
        security=[{**key, "token": []} for key in SECURITY if "authorizationApiKey" not in key],
        takes=body(ref("Consent"), example={"deviceID": "device-1", "appID": "MyApp", "consent": True}),
        answers={200: answer("What holds now.", record({"deviceID": ref("Id"), "consent": BOOLEAN}))},
        errors=OF_A_BODY,
    ),
}

DESCRIPTION = Description(
    title="Pixoneye",
    description="Demographic profiles of devices, from server to server, with an app's key.",
    security_schemes=SECURITY_SCHEMES,
    security=SECURITY,
    components=COMPONENTS,
    errors=ERRORS,
    always=(401, 503),
    operations=OPERATIONS,
    paths={
        "profile-by-app-user-id": "/v1/users/profile-by-app-user-id/{appUserID}/{appID}",
        "scanned-images": "/v1/users/scanned-images-by-device-id/{deviceID}/{appID}",
        "erase-by-owner": "/v1/users/delete-user-data-by-owner-id/{deviceID}/{ownerID}",
        "erase-by-app": "/v1/users/delete-user-data-by-app-id/{deviceID}/{appID}",
    },
)
