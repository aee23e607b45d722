"""Images: the caller's library, by path, and what is on them."""

from contextlib import suppress
from typing import Literal

from rest_framework.response import Response

from photos.image_paths import LibraryImage, UnknownImage, images_of, library_folder, path_of, photos_by_path
from photos.importing import erase_images_and_thumbnails, import_paths, make_thumbnails, start_folder_import
from photos.selectors import labels_of
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet, operation
from pickeez_site.dialects.pictopy.wire import Cursor, GivenPath, Page, Paths, Success, page, success
from pickeez_site.dialects.viewsets import Answer
from pickeez_site.dialects.wire import Count

# What PictoPy's own client calls the folder of all images.
LIBRARY = "./images"
THERE, FOLLOWING = "Thumbnails generated successfully", "The folder is large: its other thumbnails follow"
PROCESSED = "{} images are being processed in the background"


class ImageViewSet(PictoPyViewSet):
    section = "Image"

    @operation("The paths of all images", answer="The caller's library, by path.")
    def list_all(self, *, after: Cursor = "") -> Page[wire.Images]:
        images, next_after = self._images(after)
        paths = [image.path for image in images]
        found = wire.Images(image_files=paths, folder_path=library_folder(self.caller))
        return page(found, next_after, "Successfully retrieved all images")

    @operation(
        "Imports files from the server's disk", answer="How many of them are new.", status=202, errors=[403]
    )
    def create(self, *, paths: Paths) -> Success[Count]:
        """All or none, from below `IMPORT_ROOTS`. The files are copied, and left as they are; the copies are
        processed in the background.
        """
        imported = import_paths(user=self.caller, paths=paths)
        return success(imported, PROCESSED.format(imported))

    @operation("Deletes an image", answer="Its path.", errors=[404])
    def erase(self, *, path: GivenPath) -> Success[wire.Path]:
        """For good, with every copy of it and its thumbnail. The imported file stays, and can be imported again.
        A file name will do where only one image has it.
        """
        path = path_of(self.caller, path)
        erase_images_and_thumbnails(user=self.caller, paths=[path])
        return success(path, "Image deleted successfully")

    @operation("Deletes several images, or none", answer="Their paths.", errors=[404])
    def erase_multiple(self, *, paths: Paths) -> Success[Paths]:
        erase_images_and_thumbnails(user=self.caller, paths=paths)
        return success(paths, "Images deleted successfully")

    @operation("What is on each image", answer="Object classes by path.")
    def list_objects(self, *, after: Cursor = "") -> Page[wire.Objects]:
        """Of all images that have been looked at."""
        images, next_after = self._images(after, looked_at=True)
        labels = labels_of({image.original_id for image in images})
        classes: wire.ClassesByPath = {image.path: labels.get(image.original_id) or "None" for image in images}
        found = wire.Objects(images=classes, folder_path=library_folder(self.caller))
        return page(found, next_after, "Successfully retrieved all image objects")

    @operation("What is on one image", answer="Object classes, the surest first.", errors=[404])
    def objects(self, *, path: GivenPath) -> Success[wire.ClassNames | wire.NoClasses]:
        """Of an unknown image there are none. A file name will do where only one image has it."""
        classes: wire.ClassNames = []
        path = path_of(self.caller, path)
        with suppress(UnknownImage):
            original_id = photos_by_path(self.caller, [path])[path][0].original_id
            classes = labels_of([original_id])[original_id]
        found = classes or wire.NoClasses(class_ids="None")
        return success(found, "Successfully retrieved object classes")

    @operation("Imports a folder with its sub-folders", answer="How many images were taken.", errors=[403])
    def add_folder(self, *, folder_path: wire.Path) -> Success[Count]:
        """What is no picture, or known already, is left out. Of a large folder the rest follows later. The images
        are processed in the background.
        """
        progress = start_folder_import(user=self.caller, folder_path=folder_path)
        message = PROCESSED.format(progress.imported)
        if not progress.done:
            message += "; the folder is large, and the rest of it follows"
        elif not progress.imported:
            message = "There are no new images in the folder"
        return success(progress.imported, message)

    @operation(
        "Makes a folder's thumbnails",
        answers={
            201: Answer("They are all there.", kind=Success[Literal[""]]),
            202: Answer("Those that are not there yet follow.", kind=Success[Literal[""]]),
        },
        errors=[403],
    )
    def generate_thumbnails(self, *, folder_path: wire.Path) -> Response:
        """JPEGs within 400 pixels, of all pictures in the folder and its sub-folders that lack one, whether or not
        they are imported: `FOLDER/PictoPy.thumbnails/NAME`, where NAME is the path below the folder with dots for
        slashes. `./images` is the first folder from which images may be imported. What takes over a minute follows
        later.
        """
        if folder_path == LIBRARY:
            folder_path = library_folder(self.caller) or folder_path
        done = make_thumbnails(user=self.caller, folder_path=folder_path)
        return Response(success("", THERE if done else FOLLOWING), status=201 if done else 202)

    def _images(self, after: str, *, looked_at: bool = False) -> tuple[list[LibraryImage], str | None]:
        """Images by path after that one, and where to go on when there are more."""
        images = images_of(self.caller, after=after, limit=wire.MAX_ROWS + 1, looked_at=looked_at)
        return wire.first_rows(images, lambda image: image.path)
