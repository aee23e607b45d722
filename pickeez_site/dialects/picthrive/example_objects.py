"""The document's examples, with ids in place of its placeholders and the members that are ours."""

from pickeez_site.dialects.openapi.examples import examples_of

DOCUMENTED = examples_of("picthrive")

OWNER_ID = "0195f1a0-7c1e-7f00-8a00-000000000001"
GROUP_ID = "0195f1a0-7c1e-7f00-8a00-000000000002"
PHOTO_ID = "0195f1a0-7c1e-7f00-8a00-000000000003"
ZIP_ID = "0195f1a0-7c1e-7f00-8a00-000000000004"
REGION = DOCUMENTED["photo"]["Region"]
BASE = "https://photos.example"


def media(kind: str, ending: str = "jpg") -> str:
    return f"/media/{PHOTO_ID}/{kind}/1449964800-c2lnbmF0dXJlLW9mLXRoaXMu.{ending}"


SUFFIXES = {
    "Small": media("small"),
    "Medium": media("medium"),
    "Square": media("square"),
    "Watermark": media("watermark"),
    "WatermarkSmall": media("watermark_small"),
    "WatermarkSquare": media("watermark_square"),
}
SIZES = {"Ratio": 1.5, "Width": 3000, "Height": 2000, "Megapixels": 6.0, "Hue": "#8f7a66"}
IDS = {"OwnerId": OWNER_ID, "GroupId": GROUP_ID, "PhotoId": PHOTO_ID}
UPDATED = {"LastUpdatedUnix": 1449791041}
PHOTO = {**DOCUMENTED["photo"], **IDS, **SUFFIXES, **SIZES, **UPDATED, "Original": media("original")}
UNPROCESSED = PHOTO | dict.fromkeys([*SUFFIXES, *SIZES])
PUBLIC_PHOTO = {name: value for name, value in PHOTO.items() if name not in ("Medium", "Square", "Original")}
GROUP = {
    "OwnerId": OWNER_ID,
    "GroupId": GROUP_ID,
    "Name": "Summer",
    "Token": "pX3vQ0n5aTkL",
    "Count": 1,
    "Thumb": media("small"),
    "ThumbRegion": REGION,
    "WhenUnix": 1449791030,
    "Deleted": False,
    "UploadingUnix": None,
    **UPDATED,
}
MOVE = DOCUMENTED["photo_put"] | {"GroupId": GROUP_ID}
UPLOAD_URL = f"{BASE}/uploads/WyIwMTk1ZjFhMCJd:1a2B3c:c2lnbmF0dXJl"
ADDED_PHOTO = {"PhotoId": PHOTO_ID, "UploadUrl": UPLOAD_URL, "Expires": 1449812630}
