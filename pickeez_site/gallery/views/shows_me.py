"""What the viewer says of themself on a photo: "not me", "this is me, too", and neither of them any longer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from faces.member_view import photo_alone
from faces.services import say_who_is_shown
from photos.models import Photo
from pickeez_site.gallery.views.base import AlbumView, safe_next

WORDS = {"yes": True, "no": False, "unsaid": None}


class ShowsMeView(AlbumView):
    """Takes the viewer's word about themself; for a script it answers the form as it then is, too."""

    def post(self, request: HttpRequest, album_id: UUID, photo_id: UUID) -> HttpResponse:
        photo = Photo.objects.alive().get(album=self.album, pk=photo_id)
        word = request.POST.get("shows", "")
        if word not in WORDS:
            return self.refused(_("Please say whether this is you."), status=400)
        shows = say_who_is_shown(user=self.viewer, photo=photo, shows=WORDS[word])
        back = safe_next(request.POST.get("next") or reverse("gallery:me"))
        if not self.wants_json:
            messages.success(request, _said(word))
            return self.done(back)
        seen, _opinions = photo_alone(photo, self.viewer)
        form = render_to_string("gallery/shows_me.html", {"photo": seen, "back": back}, request)
        return self.done(back, {"shows": shows, "own_word": WORDS[word], "form": form})


def _said(word: str) -> str:
    if word == "yes":
        return _("This photo is now among the photos of you.")
    if word == "no":
        return _("This photo is no longer among the photos of you.")
    return _("What you said about this photo is forgotten.")
