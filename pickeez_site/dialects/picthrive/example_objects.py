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


FACTS = DOCUMENTED["photo"] | {
    "OwnerId": OWNER_ID,
    "GroupId": GROUP_ID,
    "PhotoId": PHOTO_ID,
    "Small": media("small"),
    "Watermark": media("watermark"),
    "WatermarkSmall": media("watermark_small"),
    "WatermarkSquare": media("watermark_square"),
    "Width": 3000,
    "Height": 2000,
    "Megapixels": 6.0,
    "Hue": "#8f7a66",
    "LastUpdatedUnix": 1449791041,
}
PHOTO = FACTS | {"Medium": media("medium"), "Square": media("square"), "Original": media("original")}
PUBLIC_PHOTO = {name: value for name, value in FACTS.items() if name not in ("Medium", "Original")}
UNPROCESSED = PHOTO | dict.fromkeys(
    (
        *("Small", "Medium", "Square", "Watermark", "WatermarkSmall", "WatermarkSquare"),
        *("Ratio", "Width", "Height", "Megapixels", "Hue"),
    )
)
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
    "LastUpdatedUnix": 1449791041,
    "UploadingUnix": None,
}
MOVE = DOCUMENTED["photo_put"] | {"GroupId": GROUP_ID}
ADDED_PHOTO = {
    "PhotoId": PHOTO_ID,
    "UploadUrl": f"{BASE}/uploads/WyIwMTk1ZjFhMCJd:1a2B3c:c2lnbmF0dXJl",
    "Expires": 1449812630,
}
