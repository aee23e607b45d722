"""Images: the caller's library, by path, and what is on them."""

from typing import Literal

from rest_framework.request import Request

from photos.image_paths import LibraryImage, folder_of, images_of, photos_by_path
from photos.importing import import_paths, resolve_path, start_folder_import
from photos.importing.paths import opened_folder
from photos.selectors import labels_of
from photos.services import erase_images, make_small_renditions
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet, told
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire import Count

PROCESSED = "{data} images are being processed in the background"


class ImageViewSet(PictoPyViewSet):
    section = "Image"

    @operation("The paths of all images", answer="The caller's library, by path.")
    @told("Successfully retrieved all images", "/images/all-images")
    def list_all(self, request: Request, asked: wire.After) -> wire.Page[wire.Images]:
        images, next_after = self._images(asked.after)
        paths = [image.path for image in images]
        return wire.page(wire.Images(image_files=paths, folder_path=folder_of(paths)), next_after)

    @operation(
        "Imports files from the server's disk",
        answer="How many of them are new; they are processed in the background.",
        status=202,
    )
    @told(PROCESSED, "/images/images")
    def create(self, request: Request, asked: wire.Pictures) -> wire.Success[Count]:
        """All or none, from below `IMPORT_ROOTS`. The files are copied, and left as they are."""
        return wire.success(import_paths(user=self.caller, paths=asked.paths))

    @operation("Deletes an image", answer="Its path.", errors=[404])
    @told("Image deleted successfully", "/images/delete-image")
    def erase(self, request: Request, asked: wire.Picture) -> wire.Success[wire.Path]:
        """For good, with every copy of it. The imported file stays, and can be imported again."""
        erase_images(user=self.caller, paths=[asked.path])
        return wire.success(asked.path)

    @operation("Deletes several images, or none", answer="Their paths.", errors=[404])
    @told("Images deleted successfully", "/images/multiple-images")
    def erase_multiple(self, request: Request, asked: wire.Pictures) -> wire.Success[wire.Paths]:
        erase_images(user=self.caller, paths=asked.paths)
        return wire.success(asked.paths)

    @operation("What is on each image", answer="Object classes by path.")
    @told("Successfully retrieved all image objects", "/images/all-image-objects")
    def list_objects(self, request: Request, asked: wire.After) -> wire.Page[wire.Objects]:
        images, next_after = self._images(asked.after)
        labels = labels_of({image.original_id for image in images})
        found: wire.ClassesByPath = {image.path: labels.get(image.original_id) or "None" for image in images}
        return wire.page(wire.Objects(images=found, folder_path=folder_of(found)), next_after)

    @operation("What is on one image", answer="Object classes, the surest first.", errors=[404])
    @told("Successfully retrieved object classes", "/images/class-ids")
    def objects(self, request: Request, asked: wire.Picture) -> wire.Success[wire.ClassNames | wire.NoClasses]:
        original_id = photos_by_path(self.caller, [asked.path])[asked.path][0].original_id
        return wire.success(labels_of([original_id])[original_id] or wire.NoClasses(class_ids="None"))

    @operation(
        "Imports a folder with its sub-folders",
        answer="How many images were taken; they are processed in the background.",
    )
    @told(PROCESSED, "/images/add-folder")
    def add_folder(self, request: Request, asked: wire.Folder) -> wire.Success[Count]:
        """What is no picture, or known already, is left out. Of a large folder the rest follows later."""
        progress = start_folder_import(user=self.caller, folder_path=asked.folder_path)
        message = PROCESSED.format(data=progress.imported)
        if not progress.done:
            message += "; the folder is large, and the rest of it follows"
        elif not progress.imported:
            message = "There are no new images in the folder"
        return wire.success(progress.imported, message)

    @operation(
        "Makes the small renditions that a folder's images lack",
        answer="They are made in the background.",
        status=201,
    )
    @told("Thumbnails are being made in the background", "/images/generate-thumbnails")
    def generate_thumbnails(self, request: Request, asked: wire.Folder) -> wire.Success[Literal[""]]:
        folder = resolve_path(asked.folder_path)
        with opened_folder(folder):
            make_small_renditions(user=self.caller, folder_name=folder.name)
        return wire.success("")

    def _images(self, after: str) -> tuple[list[LibraryImage], str | None]:
        """Images by path after that one, and where to go on when there are more."""
        images = images_of(self.caller, after=after, limit=wire.MAX_ROWS + 1)
        return wire.first_rows(images, lambda image: image.path)
