"""The people whom the viewer's own photos show: who they are, as far as the viewer says."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from faces.models import Person
from faces.people_selectors import FaceSeen, PersonSeen, people_in_library, people_on, people_page
from faces.services import confirm_user, forget_answer, refuse_user, rename_person
from faces.suggestions import suggestible_users
from photos.models import Photo, Rendition
from pickeez_site.gallery.views.base import SignedInView, safe_next
from pickeez_site.gallery.views.tabs import name_of
from pickeez_site.serving.media import MediaPaths

PAGE = 48  # people
IN_ALBUM = 12  # people of one album who are shown beside its members
MAX_NAME = 200
MARGIN = 0.35  # of the face's larger side, shown around it


@dataclass(frozen=True)
class Portrait:
    """A face cut out of a picture: the part to show (`box`, as SVG's viewBox), in pixels of the picture."""

    picture: str
    width: int
    height: int
    box: str


@dataclass(frozen=True)
class Card:
    """A person as a page shows them; `asked` is the user who they may be, `is_user` who they are."""

    id: UUID
    name: str
    number_of_faces: int
    portrait: Portrait | None
    asked: User | None
    asked_name: str
    is_user: UUID | None


class PeopleView(SignedInView):
    """The people of the viewer's library, those found first on the first page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = people_page(self.viewer, after=self._after(), limit=PAGE)
        context = {
            "people": cards(page.people),
            "next_after": page.next_after,
            "is_first": "after" not in request.GET,
            "undo": undo_of(request, self.viewer),
        }
        return self.page("library_people.html", context)

    def _after(self) -> UUID | None:
        try:
            return UUID(self.request.GET["after"]) if "after" in self.request.GET else None
        except ValueError:
            raise Http404 from None


class PersonAnswerView(SignedInView):
    """What the viewer says of one of their people: a `name`, `yes` or `no` to a user, or `undo` of either."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, person_id: UUID) -> HttpResponse:
        person = people_in_library(self.viewer).get(pk=person_id)
        do, before = request.POST.get("do", ""), person.name
        if do == "name":
            name = " ".join(request.POST.get("name", "").replace("\0", "").split())
            if len(name) > MAX_NAME or not name.isprintable():
                return self.refused(_("A name is one line of at most 200 characters."), status=400)
            rename_person(person=person, name=name)
            return self._back(person, {"name": before})
        if do not in ("yes", "no", "undo"):
            return self.refused(_("Nothing was changed: it was not said who this is."), status=400)
        user = self._user(request.POST.get("user", ""), may_be_said=do != "undo")
        if do == "yes":
            confirm_user(person=person, user=user, by=self.viewer)
            return self._back(person, {"user": str(user.pk)})
        if do == "no":
            refuse_user(person=person, user=user, by=self.viewer)
            return self._back(person, {"user": str(user.pk)})
        forget_answer(person=person, user=user)
        return self._back(person, None)

    def _user(self, text: str, *, may_be_said: bool) -> User:
        """Returns a user who may be said to be somebody; to undo an answer, anybody of whom one was given."""
        try:
            return (suggestible_users(self.viewer) if may_be_said else User.objects.all()).get(pk=UUID(text))
        except ValueError:
            raise Http404 from None

    def _back(self, person: Person, undo: dict[str, str] | None) -> HttpResponse:
        """Leads back to the page of the form, which then offers to undo what was said."""
        path = safe_next(self.request.POST.get("next") or reverse("gallery:people")).partition("?")[0]
        query = f"?{urlencode({'said': str(person.pk), **undo})}" if undo else ""
        return self.done(f"{path}{query}", {"id": str(person.pk), "name": person.name})


def cards(people: list[PersonSeen]) -> list[Card]:
    """Returns the people as pages show them."""
    media = MediaPaths()
    return [
        Card(
            id=person.id,
            name=person.name,
            number_of_faces=person.number_of_faces,
            portrait=_portrait(person.cover, media) if person.cover else None,
            asked=person.suggestion,
            asked_name=name_of(person.suggestion) if person.suggestion else "",
            is_user=person.user_id,
        )
        for person in people
    ]


def people_of_album(viewer: User, album_id: UUID) -> list[Card]:
    """Returns those of the viewer's people who are on the viewer's photos of an album; the most frequent ones."""
    photos = Photo.objects.alive().filter(owner=viewer, album=album_id)
    return cards(people_on(viewer, photos, limit=IN_ALBUM))


def undo_of(request: HttpRequest, viewer: User) -> dict[str, str] | None:
    """Returns the form's fields that undo what was just said, as the address tells; None when nothing was."""
    try:
        person = Person.objects.get(owner=viewer, pk=UUID(request.GET.get("said", "")))
    except (ValueError, Person.DoesNotExist):
        return None
    fields = {name: request.GET[name] for name in ("name", "user") if name in request.GET}
    return {"id": str(person.pk), "do": "name" if "name" in fields else "undo", **fields} if fields else None


def _portrait(face: FaceSeen, media: MediaPaths) -> Portrait | None:
    if not (face.has_picture and face.picture_width and face.picture_height):
        return None
    side = max(face.width, face.height) * (1 + 2 * MARGIN)
    left, top = face.x + (face.width - side) / 2, face.y + (face.height - side) / 2
    return Portrait(
        picture=media.rendition(face.photo_id, Rendition.Kind.MEDIUM),
        width=face.picture_width,
        height=face.picture_height,
        box=f"{left:.0f} {top:.0f} {side:.0f} {side:.0f}",
    )
