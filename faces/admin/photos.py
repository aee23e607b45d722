"""Photos and originals with their faces, and sightings."""

from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from core.admin import ReadOnlyAdmin, can_view, list_url, name_column
from faces.models import Face, FaceAssignment, Person, Sighting
from photos.admin.originals import MAX_ROWS, OriginalAdmin
from photos.admin.photos import PhotoAdmin
from photos.admin.pictures import PictureAdmin, thumbnail
from photos.models import Original, Photo

PAGE = "admin/faces/picture_page.html"
TEXT = 1 / 40  # the height of a label, of the picture's longer side


@dataclass(frozen=True)
class Box:
    """A face on a picture, numbered from the left, with its person in one library."""

    number: int
    face: Face
    person: Person | None
    text_size: int

    @property
    def label(self) -> str:
        return f"{self.number} {self.person.name}" if self.person and self.person.name else str(self.number)

    @property
    def text_y(self) -> int:
        """Returns the place of the label: above the face, or inside it at the picture's upper edge."""
        above = self.face.y - self.text_size // 4
        return above if above > self.text_size else self.face.y + self.text_size


def boxes_on(original: Original, owner: User, *, named: bool) -> list[Box]:
    """Returns the faces on the original; with their people only if `named`."""
    faces = list(Face.objects.filter(original=original).defer("embedding").order_by("x", "y"))
    assigned = FaceAssignment.objects.filter(owner=owner, face__in=faces).select_related("person")
    person_of = {assignment.face_id: assignment.person for assignment in assigned} if named else {}
    size = max(12, round(max(original.width or 0, original.height or 0) * TEXT))
    return [Box(number, face, person_of.get(face.pk), size) for number, face in enumerate(faces, 1)]


def sightings_of(photo: Photo) -> list[Sighting]:
    sightings = Sighting.objects.filter(photo=photo).select_related("user")
    return list(sightings.order_by("-shows", "-score", "user_id")[:MAX_ROWS])


def faces_context(request: HttpRequest, original: Original, owner: User) -> dict[str, object]:
    """Returns the faces on a picture; with their people in the owner's library if the operator may see people."""
    named = can_view(request.user, Person)
    return {"boxes": boxes_on(original, owner, named=named), "library": owner, "named": named}


class OriginalWithFacesAdmin(OriginalAdmin):
    change_form_template = PAGE

    def page_context(self, request: HttpRequest, obj: Original) -> dict[str, object]:
        return {**super().page_context(request, obj), **faces_context(request, obj, obj.owner)}


class PhotoWithFacesAdmin(PhotoAdmin):
    change_form_template = PAGE

    def page_context(self, request: HttpRequest, obj: Photo) -> dict[str, object]:
        context = {**super().page_context(request, obj), **faces_context(request, obj.original, obj.owner)}
        if can_view(request.user, Sighting):
            context["sightings"] = sightings_of(obj)
            context["sightings_url"] = list_url(Sighting, photo__id__exact=obj.pk)
        return context


admin.site.unregister([Original, Photo])
admin.site.register(Original, OriginalWithFacesAdmin)
admin.site.register(Photo, PhotoWithFacesAdmin)


@admin.register(Sighting)
class SightingAdmin(PictureAdmin, ReadOnlyAdmin):
    """Only the recogniser, the algorithm and the users themselves write sightings."""

    photo_name = name_column("photo")
    list_display = ("picture", "photo_name", "user", "by", "own_word", "shows", "certainty")
    list_display_links = ("photo_name",)
    list_filter = ("by", "own_word", "shows", "in_last_call")
    list_select_related = ("photo__original", "user")
    search_fields = ("photo__id", "photo__s3_path", "photo__album__id", "user__id", "user__name")
    ordering = ("-id",)
    fields = ("picture", "photo", "user", "by", "found", "own_word", "shows", "score", "in_last_call")

    @admin.display(description="score", ordering="score")
    def certainty(self, sighting: Sighting) -> str:
        return "-" if sighting.score is None else f"{sighting.score:.2f}"

    @admin.display(description="")
    def picture(self, sighting: Sighting) -> str:
        return thumbnail(
            sighting.photo.original, f"Photo that {'shows' if sighting.shows else 'does not show'} them"
        )
