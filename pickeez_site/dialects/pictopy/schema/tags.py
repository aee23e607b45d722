"""The document's section Face Recognition and Tagging."""

from pickeez_site.dialects.openapi.describe import Operation, Schema, array, parameter, record, ref, text
from pickeez_site.dialects.pictopy.payload import MAX_OFFSET
from pickeez_site.dialects.pictopy.schema.components import AFTER, PATH, PATHS, answered, success
from pickeez_site.dialects.pictopy.viewsets import MAX_ROWS


def number(maximum: int, default: int) -> Schema:
    """Empty counts as missing."""
    counted = {"type": "integer", "minimum": 0, "maximum": maximum}
    return {"anyOf": [counted, text(maxLength=0)], "default": default}


TAGS = {
    ("match", "get"): Operation(
        section="Face Recognition and Tagging",
        summary="Pairs of images that show the same person",
        parameters=[
            parameter("limit", number(MAX_ROWS, default=MAX_ROWS)),
            parameter("offset", number(MAX_OFFSET, default=0)),
        ],
        answers={
            200: success(
                "The pairs, the most similar first.",
                record({"similar_pairs": array(ref("SimilarPair"))}),
                "Successfully matched face embeddings",
                example=answered("/tag/match"),
            )
        },
    ),
    ("clusters", "get"): Operation(
        section="Face Recognition and Tagging",
        summary="Images by who is on them",
        parameters=[AFTER],
        answers={
            200: success(
                "The people who are on several images.",
                record(
                    {
                        "clusters": {
                            "type": "object",
                            "description": "Paths by the person's id, which stays the same.",
                            "propertyNames": {"format": "uuid"},
                            "additionalProperties": PATHS,
                        }
                    }
                ),
                "Successfully clustered face embeddings",
                goes_on=True,
                example={
                    "clusters": {
                        "01a2023d-d89b-7132-9ec0-22e6ffc01ee4": ["/pictures/trip/1.png", "/pictures/trip/2.png"]
                    }
                },
            )
        },
    ),
    ("related-images", "get"): Operation(
        section="Face Recognition and Tagging",
        summary="Other images that show somebody who is on this one",
        parameters=[parameter("path", PATH, required=True, example="/pictures/trip/1.png"), AFTER],
        answers={
            200: success(
                "The other images, by path.",
                record({"related_images": PATHS}),
                "Successfully retrieved related images",
                goes_on=True,
                example=answered("/tag/related-images"),
            )
        },
        errors=(404,),
    ),
}
