"""The document's section Image."""

from pickeez_site.dialects.openapi.describe import COUNT, Operation, body, parameter, record, ref
from pickeez_site.dialects.pictopy.schema.components import AFTER, PATH, PATHS, answered, members, sent, success
from pickeez_site.dialects.pictopy.schema.errors import OF_A_BODY

FOLDER = members({"folder_path": ref("Path")})

IMAGES = {
    ("all-images", "get"): Operation(
        section="Image",
        summary="The paths of all images",
        parameters=[AFTER],
        answers={
            200: success(
                "The caller's library, by path.",
                ref("Images"),
                "Successfully retrieved all images",
                goes_on=True,
                example=answered("/images/all-images"),
            )
        },
    ),
    ("add-images", "post"): Operation(
        section="Image",
        summary="Imports files from the server's disk",
        description="All or none, from below `IMPORT_ROOTS`. The files are copied, and left as they are.",
        takes=body(members({"paths": PATHS}), example=sent("/images/images")),
        answers={
            202: success(
                "How many of them are new; they are processed in the background.",
                COUNT,
                "1 images are being processed in the background",
                example=answered("/images/images"),
            )
        },
        errors=OF_A_BODY,
    ),
    ("delete-image", "delete"): Operation(
        section="Image",
        summary="Deletes an image",
        description="For good, with every copy of it. The imported file stays, and can be imported again.",
        takes=body(members({"path": PATH}), example=sent("/images/delete-image")),
        answers={
            200: success("Its path.", PATH, "Image deleted successfully", example=answered("/images/delete-image"))
        },
        errors=(404, *OF_A_BODY),
    ),
    ("multiple-images", "delete"): Operation(
        section="Image",
        summary="Deletes several images, or none",
        takes=body(members({"paths": PATHS}), example=sent("/images/multiple-images")),
        answers={
            200: success(
                "Their paths.", PATHS, "Images deleted successfully", example=answered("/images/multiple-images")
            )
        },
        errors=(404, *OF_A_BODY),
    ),
    ("all-image-objects", "get"): Operation(
        section="Image",
        summary="What is on each image",
        parameters=[AFTER],
        answers={
            200: success(
                "Object classes by path.",
                ref("Objects"),
                "Successfully retrieved all image objects",
                goes_on=True,
                example={
                    "images": {"/pictures/trip/1.png": ["dog", "person"], "/pictures/trip/2.png": "None"},
                    "folder_path": "/pictures/trip",
                },
            )
        },
    ),
    ("class-ids", "get"): Operation(
        section="Image",
        summary="What is on one image",
        parameters=[parameter("path", PATH, required=True, example="/pictures/trip/1.png")],
        answers={
            200: success(
                "Object classes, the surest first.",
                {"anyOf": [ref("ClassNames"), record({"class_ids": ref("None")})]},
                "Successfully retrieved object classes",
                example=["dog", "person"],
            )
        },
        errors=(404,),
    ),
    ("add-folder", "post"): Operation(
        section="Image",
        summary="Imports a folder with its sub-folders",
        description="What is no picture, or known already, is left out. Of a large folder the rest follows later.",
        takes=body(FOLDER, example=sent("/images/add-folder")),
        answers={
            200: success(
                "How many images were taken; they are processed in the background.",
                COUNT,
                "3 images are being processed in the background",
                example=answered("/images/add-folder"),
            )
        },
        errors=OF_A_BODY,
    ),
    ("generate-thumbnails", "post"): Operation(
        section="Image",
        summary="Makes the small renditions that a folder's images lack",
        takes=body(FOLDER, example=sent("/images/generate-thumbnails")),
        answers={
            201: success(
                "They are made in the background.",
                {"const": ""},
                "Thumbnails are being made in the background",
                example=answered("/images/generate-thumbnails"),
            )
        },
        errors=OF_A_BODY,
    ),
}
