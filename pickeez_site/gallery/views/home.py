"""The first page after signing in: the viewer's albums."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from faces.member_view import heads_page
from faces.selectors import count_showing
from photos.models import Rendition
from photos.selectors import covers_of
from pickeez_site.gallery.views.base import SignedInView
from pickeez_site.serving.media import MediaPaths

PAGE = 24


class HomeView(SignedInView):
    """The viewer's albums as cards, newest first; `?before=ID` goes on."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = heads_page(self.viewer, before=self._before(), limit=PAGE)
        ids = [album.id for album in page.albums]
        covers, of_viewer, media = covers_of(ids), count_showing(self.viewer, ids), MediaPaths()
        cards = [
            {
                "album": album,
                "cover": media.rendition(covers[album.id], Rendition.Kind.MEDIUM) if album.id in covers else "",
                "of_viewer": of_viewer.get(album.id, 0),
                "is_owner": album.owner.id == self.viewer.pk,
            }
            for album in page.albums
        ]
        later = bool(request.GET.get("before"))
        return self.page("home.html", {"cards": cards, "next_before": page.next_before, "later": later})

    def _before(self) -> UUID | None:
        """Returns where the page begins. Raises `Http404` for what is no place."""
        text = self.request.GET.get("before", "")
        try:
            return UUID(text) if text else None
        except ValueError:
            raise Http404 from None
