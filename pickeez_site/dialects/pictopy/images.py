"""Images: the caller's library, by path, and what is on them."""

from collections.abc import Sequence
from typing import Literal

from rest_framework.request import Request

from photos.image_paths import LibraryImage, images_of, photos_by_path
from photos.importing import import_paths, resolve_path, start_folder_import
from photos.importing.paths import opened_folder
from photos.selectors import labels_of
from photos.services import erase_images, make_small_renditions
from pickeez_site.dialects.pictopy.documented import session
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet
from pickeez_site.dialects.pictopy.wire import (
    MAX_ROWS,
    NONE,
    After,
    ClassNames,
    Folder,
    Images,
    NoClasses,
    Objects,
    Page,
    Path,
    Paths,
    Picture,
    Pictures,
    Success,
    page,
    success,
)
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire import Count


class ImageViewSet(PictoPyViewSet):
    section = "Image"

    @operation(
        "The paths of all images",
        answer="The caller's library, by path.",
        **session("/images/all-images", "Successfully retrieved all images"),
    )
    def list(self, request: Request, asked: After) -> Page[Images]:
        shown, following = self._images(asked.after)
        return page(Images.of(shown), "Successfully retrieved all images", following)

    @operation(
        "Imports files from the server's disk",
        status=202,
        answer="How many of them are new; they are processed in the background.",
        **session("/images/images", "1 images are being processed in the background"),
    )
    def create(self, request: Request, asked: Pictures) -> Success[Count]:
        """All or none, from below `IMPORT_ROOTS`. The files are copied, and left as they are."""
        taken = import_paths(user=self.caller, paths=asked.paths)
        return success(taken, f"{taken} images are being processed in the background")

    @operation(
        "Deletes an image",
        answer="Its path.",
        errors=[404],
        **session("/images/delete-image", "Image deleted successfully"),
    )
    def erase(self, request: Request, asked: Picture) -> Success[Path]:
        """For good, with every copy of it. The imported file stays, and can be imported again."""
        erase_images(user=self.caller, paths=[asked.path])
        return success(asked.path, "Image deleted successfully")

    @operation(
        "Deletes several images, or none",
        answer="Their paths.",
        errors=[404],
        **session("/images/multiple-images", "Images deleted successfully"),
    )
    def erase_multiple(self, request: Request, asked: Pictures) -> Success[Paths]:
        erase_images(user=self.caller, paths=asked.paths)
        return success(asked.paths, "Images deleted successfully")

    @operation(
        "What is on each image",
        answer="Object classes by path.",
        answer_example=success(
            {
                "images": {"/pictures/trip/1.png": ["dog", "person"], "/pictures/trip/2.png": NONE},
                "folder_path": "/pictures/trip",
            },
            "Successfully retrieved all image objects",
        ),
    )
    def list_objects(self, request: Request, asked: After) -> Page[Objects]:
        shown, following = self._images(asked.after)
        labels = labels_of({image.original_id for image in shown})
        return page(Objects.of(shown, labels), "Successfully retrieved all image objects", following)

    @operation(
        "What is on one image",
        answer="Object classes, the surest first.",
        answer_example=success(["dog", "person"], "Successfully retrieved object classes"),
        errors=[404],
    )
    def objects(self, request: Request, asked: Picture) -> Success[ClassNames | NoClasses]:
        original_id = photos_by_path(self.caller, [asked.path])[asked.path][0].original_id
        names = labels_of([original_id])[original_id]
        return success(names or NoClasses(class_ids=NONE), "Successfully retrieved object classes")

    def _images(self, after: str) -> tuple[Sequence[LibraryImage], str | None]:
        """Images by path after that one, and where to go on when there are more."""
        images = images_of(self.caller, after=after, limit=MAX_ROWS + 1)
        return images[:MAX_ROWS], images[MAX_ROWS - 1].path if len(images) > MAX_ROWS else None


class FolderViewSet(PictoPyViewSet):
    section = "Image"

    @operation(
        "Imports a folder with its sub-folders",
        answer="How many images were taken; they are processed in the background.",
        **session("/images/add-folder", "3 images are being processed in the background"),
    )
    def add(self, request: Request, asked: Folder) -> Success[Count]:
        """What is no picture, or known already, is left out. Of a large folder the rest follows later."""
        progress = start_folder_import(user=self.caller, folder_path=asked.folder_path)
        message = f"{progress.imported} images are being processed in the background"
        if not progress.done:
            message += "; the folder is large, and the rest of it follows"
        elif not progress.imported:
            message = "There are no new images in the folder"
        return success(progress.imported, message)

    @operation(
        "Makes the small renditions that a folder's images lack",
        status=201,
        answer="They are made in the background.",
        **session("/images/generate-thumbnails", "Thumbnails are being made in the background"),
    )
    def generate_thumbnails(self, request: Request, asked: Folder) -> Success[Literal[""]]:
        folder = resolve_path(asked.folder_path)
        with opened_folder(folder):
            make_small_renditions(user=self.caller, folder_name=folder.name)
        return success("", "Thumbnails are being made in the background")
