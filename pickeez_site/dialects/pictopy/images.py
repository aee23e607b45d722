"""Images: the caller's library, by path, and what is on them."""

from typing import Literal

from rest_framework.request import Request

from photos.image_paths import LibraryImage, folder_of, images_of, photos_by_path
from photos.importing import import_paths, resolve_path, start_folder_import
from photos.importing.paths import check_may_import, opened_folder
from photos.selectors import labels_of
from photos.services import erase_images, make_small_renditions
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet, operation
from pickeez_site.dialects.pictopy.wire import Cursor, GivenPath, Page, Paths, Success, page, success
from pickeez_site.dialects.wire import Count

PROCESSED = "{} images are being processed in the background"


class ImageViewSet(PictoPyViewSet):
    section = "Image"

    @operation("The paths of all images", answer="The caller's library, by path.")
    def list_all(self, request: Request, *, after: Cursor = "") -> Page[wire.Images]:
        images, next_after = self._images(after)
        paths = [image.path for image in images]
        found = wire.Images(image_files=paths, folder_path=folder_of(paths))
        return page(found, next_after, "Successfully retrieved all images")

    @operation(
        "Imports files from the server's disk", answer="How many of them are new.", status=202, errors=[403]
    )
    def create(self, request: Request, *, paths: Paths) -> Success[Count]:
        """All or none, from below `IMPORT_ROOTS`. The files are copied, and left as they are; the copies are
        processed in the background.
        """
        imported = import_paths(user=self.caller, paths=paths)
        return success(imported, PROCESSED.format(imported))

    @operation("Deletes an image", answer="Its path.", errors=[404])
    def erase(self, request: Request, *, path: GivenPath) -> Success[wire.Path]:
        """For good, with every copy of it. The imported file stays, and can be imported again."""
        erase_images(user=self.caller, paths=[path])
        return success(path, "Image deleted successfully")

    @operation("Deletes several images, or none", answer="Their paths.", errors=[404])
    def erase_multiple(self, request: Request, *, paths: Paths) -> Success[Paths]:
        erase_images(user=self.caller, paths=paths)
        return success(paths, "Images deleted successfully")

    @operation("What is on each image", answer="Object classes by path.")
    def list_objects(self, request: Request, *, after: Cursor = "") -> Page[wire.Objects]:
        images, next_after = self._images(after)
        labels = labels_of({image.original_id for image in images})
        classes: wire.ClassesByPath = {image.path: labels.get(image.original_id) or "None" for image in images}
        found = wire.Objects(images=classes, folder_path=folder_of(classes))
        return page(found, next_after, "Successfully retrieved all image objects")

    @operation("What is on one image", answer="Object classes, the surest first.", errors=[404])
    def objects(self, request: Request, *, path: GivenPath) -> Success[wire.ClassNames | wire.NoClasses]:
        original_id = photos_by_path(self.caller, [path])[path][0].original_id
        found = labels_of([original_id])[original_id] or wire.NoClasses(class_ids="None")
        return success(found, "Successfully retrieved object classes")

    @operation("Imports a folder with its sub-folders", answer="How many images were taken.", errors=[403])
    def add_folder(self, request: Request, *, folder_path: wire.Path) -> Success[Count]:
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
        "Makes a folder's small renditions", answer="They are made in the background.", status=201, errors=[403]
    )
    def generate_thumbnails(self, request: Request, *, folder_path: wire.Path) -> Success[Literal[""]]:
        """Those that its images lack."""
        check_may_import(self.caller)
        folder = resolve_path(folder_path)
        with opened_folder(folder):
            make_small_renditions(user=self.caller, folder_name=folder.name)
        return success("", "Thumbnails are being made in the background")

    def _images(self, after: str) -> tuple[list[LibraryImage], str | None]:
        """Images by path after that one, and where to go on when there are more."""
        images = images_of(self.caller, after=after, limit=wire.MAX_ROWS + 1)
        return wire.first_rows(images, lambda image: image.path)
