"""The document's section Albums."""

from pickeez_site.dialects.openapi.describe import Operation, array, body, nullable, parameter, record, ref
from pickeez_site.dialects.pictopy.schema.components import (
    AFTER,
    PATH,
    PATHS,
    answered,
    naming_album,
    sent,
    success,
)
from pickeez_site.dialects.pictopy.schema.errors import OF_A_BODY

NAME, DESCRIPTION = ref("AlbumName"), ref("Description")

ALBUMS = {
    ("create-album", "post"): Operation(
        section="Albums",
        summary="Creates an album",
        takes=body(
            naming_album("name", optional={"description": nullable(DESCRIPTION)}),
            example=sent("/albums/create-album"),
        ),
        answers={
            201: success(
                "The album was created.",
                record({"album_name": NAME, "description": DESCRIPTION}),
                "Album 'Summer' created successfully",
                example=answered("/albums/create-album"),
            )
        },
        errors=(409, *OF_A_BODY),
    ),
    ("delete-album", "delete"): Operation(
        section="Albums",
        summary="Deletes an album",
        description="For good. Its images stay in the libraries of those who added them.",
        takes=body(naming_album("name"), example=sent("/albums/delete-album")),
        answers={
            200: success(
                "The name of the album, which is gone.",
                NAME,
                "Album 'Summer' deleted successfully",
                example=answered("/albums/delete-album"),
            )
        },
        errors=(404, *OF_A_BODY),
    ),
    ("add-multiple-to-album", "post"): Operation(
        section="Albums",
        summary="Adds images to an album",
        description="All or none. An image that is in the album already stays in it once.",
        takes=body(naming_album("album_name", {"paths": PATHS}), example=sent("/albums/add-multiple-to-album")),
        answers={
            201: success(
                "The images are in the album.",
                record({"album_name": NAME, "paths": PATHS}),
                "Images added to album 'Summer' successfully",
                example=answered("/albums/add-multiple-to-album"),
            )
        },
        errors=(404, *OF_A_BODY),
    ),
    ("remove-from-album", "delete"): Operation(
        section="Albums",
        summary="Removes an image from an album",
        description="Also one that another member has added. It stays in the library of whose it is.",
        takes=body(naming_album("album_name", {"path": PATH}), example=sent("/albums/remove-from-album")),
        answers={
            200: success(
                "The image is not in the album any more.",
                record({"album_name": NAME, "path": PATH}),
                "Image removed from album 'Summer' successfully",
                example=answered("/albums/remove-from-album"),
            )
        },
        errors=(404, *OF_A_BODY),
    ),
    ("view-album", "get"): Operation(
        section="Albums",
        summary="The images of an album",
        parameters=[
            parameter(
                "album_name", NAME, required=True, description="`name` is understood too.", example="Summer"
            ),
            AFTER,
        ],
        answers={
            200: success(
                "The paths, in the order in which they were added.",
                ref("Album"),
                "Successfully retrieved album",
                goes_on=True,
                example=answered("/albums/view-album"),
            )
        },
        errors=(404,),
    ),
    ("edit-album-description", "put"): Operation(
        section="Albums",
        summary="Changes an album's description",
        takes=body(
            naming_album("name", {"description": DESCRIPTION}), example=sent("/albums/edit-album-description")
        ),
        answers={
            200: success(
                "What it is now.",
                record({"album_name": NAME, "new_description": DESCRIPTION}),
                "Description of album 'Summer' updated successfully",
                example=answered("/albums/edit-album-description"),
            )
        },
        errors=(404, *OF_A_BODY),
    ),
    ("view-all", "get"): Operation(
        section="Albums",
        summary="All albums of the caller, with their images",
        parameters=[AFTER],
        answers={
            200: success(
                "The albums, the oldest first.",
                array(ref("ListedAlbum")),
                "Successfully retrieved all albums",
                goes_on=True,
                example=answered("/albums/view-all"),
            )
        },
    ),
}
