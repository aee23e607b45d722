"""Images: the caller's library, by path, and what is on them."""

from rest_framework.request import Request
from rest_framework.response import Response

from photos.image_paths import images_of, photos_by_path
from photos.importing import import_paths, resolve_path, start_folder_import
from photos.importing.paths import opened_folder
from photos.selectors import labels_of
from photos.services import erase_images, make_small_renditions
from pickeez_site.dialects.pictopy.serializers import NONE, images_fields, objects_fields
from pickeez_site.dialects.pictopy.viewsets import MAX_ROWS, PictoPyViewSet


class ImageViewSet(PictoPyViewSet):
    def list(self, request: Request) -> Response:
        images = images_of(self.caller, after=self.payload.after(), limit=MAX_ROWS + 1)
        shown, following = images[:MAX_ROWS], images[MAX_ROWS - 1].path if len(images) > MAX_ROWS else None
        return self.answer(images_fields(shown), "Successfully retrieved all images", next_after=following)

    def create(self, request: Request) -> Response:
        taken = import_paths(user=self.caller, paths=self.payload.paths())
        return self.answer(taken, f"{taken} images are being processed in the background", status=202)

    def erase(self, request: Request) -> Response:
        path = self.payload.path()
        erase_images(user=self.caller, paths=[path])
        return self.answer(path, "Image deleted successfully")

    def erase_multiple(self, request: Request) -> Response:
        paths = self.payload.paths()
        erase_images(user=self.caller, paths=paths)
        return self.answer(paths, "Images deleted successfully")

    def list_objects(self, request: Request) -> Response:
        images = images_of(self.caller, after=self.payload.after(), limit=MAX_ROWS + 1)
        shown, following = images[:MAX_ROWS], images[MAX_ROWS - 1].path if len(images) > MAX_ROWS else None
        labels = labels_of({image.original_id for image in shown})
        message = "Successfully retrieved all image objects"
        return self.answer(objects_fields(shown, labels), message, next_after=following)

    def objects(self, request: Request) -> Response:
        path = self.payload.path()
        original_id = photos_by_path(self.caller, [path])[path][0].original_id
        names = labels_of([original_id])[original_id]
        return self.answer(names or {"class_ids": NONE}, "Successfully retrieved object classes")


class FolderViewSet(PictoPyViewSet):
    def add(self, request: Request) -> Response:
        progress = start_folder_import(user=self.caller, folder_path=self.payload.path("folder_path"))
        message = f"{progress.imported} images are being processed in the background"
        if not progress.done:
            message += "; the folder is large, and the rest of it follows"
        elif not progress.imported:
            message = "There are no new images in the folder"
        return self.answer(progress.imported, message)

    def generate_thumbnails(self, request: Request) -> Response:
        folder = resolve_path(self.payload.path("folder_path"))
        with opened_folder(folder):
            make_small_renditions(user=self.caller, folder_name=folder.name)
        return self.answer("", "Thumbnails are being made in the background", status=201)
