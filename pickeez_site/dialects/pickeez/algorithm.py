"""The algorithm's side: a program that takes pending albums, decides who is on which photo, and says so."""

import hmac
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.facebook import GraphUnavailable
from accounts.models import User
from accounts.services.facebook import get_facebook_data
from albums import services as albums
from albums.models import Album, PendingAlbum
from faces import services as faces
from faces.member_view import album_seen
from faces.models import FaceModel, Selfie
from photos.models import Photo
from pickeez_site.dialects.pickeez.parameters import BadParameter, Parameters
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet
from pickeez_site.dialects.pickeez.wire import PendingAlbum as AnsweredAlbum
from pickeez_site.dialects.wire.values import parse_id, timestamp

MAX_PENDING = 5000
MAX_DECIDED_PHOTOS = 5000
MAX_DECISIONS = 100_000
DEFAULT_PICTURES, MAX_PICTURES = 100, 1000
EMPTY = {"status": "empty", "msg": "empty"}


class KnowsThePassword(BasePermission):
    """The parameter `password` or the header `X-Algo-Password`; with none configured nobody knows it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        given = request.headers.get("X-Algo-Password") or Parameters(request).credential("password") or ""
        right = settings.ALGO_PASSWORD
        if not right or not hmac.compare_digest(given.encode(), right.encode()):
            raise AuthenticationFailed("wrong password.")
        return True


class AlgorithmViewSet(PickeezViewSet):
    permission_classes = [KnowsThePassword]


class AlbumQueueViewSet(AlgorithmViewSet):
    def get_pending(self, request: Request) -> Response:
        forced, after = self.parameters.id("forced_album_id"), self.parameters.id("photos_after")
        if forced:
            return self._answer(forced, after)
        candidates = PendingAlbum.objects.ready().filter(wanted_here=False)
        claimed = albums.claim_pending_album(candidates=candidates, leased=False)
        return self._answer(claimed[0], after) if claimed else Response(EMPTY)

    def _answer(self, album_id: UUID, after: UUID | None) -> Response:
        album = Album.objects.alive().select_related("owner").get(pk=album_id)
        return Response(AnsweredAlbum.of(album_seen(album, None, photos_after=after), self.media))

    def all_pending(self, request: Request) -> Response:
        rows = PendingAlbum.objects.queued().order_by("touched_at")[:MAX_PENDING]
        pending = [
            {
                "album_id": str(row.album_id),
                "time_updated": timestamp(row.touched_at),
                "done_uploading": row.done_uploading,
            }
            for row in rows
        ]
        return Response({"pending_albums": pending, "msg": "ok"})

    def set_all_as_pending(self, request: Request) -> Response:
        return Response({"msg": "ok", "pending_count": albums.queue_all_albums()})

    def remove_pending(self, request: Request) -> Response:
        return Response({"msg": "ok", "removed_count": albums.empty_queue()})


class DecisionViewSet(AlgorithmViewSet):
    def set(self, request: Request) -> Response:
        given = self._given()
        photos = _known(Photo, list(given))
        users = _known(User, list({user for decided in given.values() for user in decided}))
        decisions = {
            photos[photo]: {users[user]: shows for user, shows in decided.items() if user in users}
            for photo, decided in given.items()
            if photo in photos
        }
        faces.save_decisions(decisions=decisions)
        unknown_users = sorted({user for decided in given.values() for user in decided} - users.keys())
        log = {
            "photos_set": len(decisions),
            "unknown_photos": sorted(given.keys() - photos.keys()),
            "unknown_users": unknown_users,
        }
        return Response({"msg": "ok, set", "log": log})

    def _given(self) -> dict[str, dict[str, bool]]:
        """{photo id: {user id: shows}}, as it was sent."""
        given = self.parameters.json("photos")
        if given is None:
            raise BadParameter("Missing parameter: photos")
        if not isinstance(given, dict) or not all(_is_decision(decided) for decided in given.values()):
            raise BadParameter("Parameter photos must be {photo id: {user id: true or false}}.")
        if len(given) > MAX_DECIDED_PHOTOS or sum(map(len, given.values())) > MAX_DECISIONS:
            raise BadParameter(f"At most {MAX_DECIDED_PHOTOS} photos and {MAX_DECISIONS} decisions at once.")
        return given


def _is_decision(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(shows, bool) for shows in value.values())


def _known(model: type[Photo] | type[User], sent: list[str]) -> dict[str, UUID]:
    """The ids among those sent that exist."""
    ids = {text: parse_id(text) for text in sent}
    existing: set[UUID] = set()
    wanted = list(ids.values())
    for start in range(0, len(wanted), 1000):
        rows = model._default_manager.filter(pk__in=wanted[start : start + 1000])
        existing.update(rows.values_list("pk", flat=True))
    return {text: parsed for text, parsed in ids.items() if parsed in existing}


class FaceModelViewSet(AlgorithmViewSet):
    def pending(self, request: Request) -> Response:
        limit = self.parameters.integer("limit", minimum=1, maximum=MAX_PICTURES) or DEFAULT_PICTURES
        forced = self._user("forced_user_id")
        user = forced or faces.claim_pending_model()
        if user is None:
            return Response({"msg": "empty"})
        try:
            fb_data = get_facebook_data(user=user, limit=limit) if user.fb_id else self._own_pictures(user)
        except GraphUnavailable:
            if not forced:
                faces.release_pending_model(user=user)
            raise
        return Response({"user_id": str(user.pk), "fb_data": fb_data})

    def _own_pictures(self, user: User) -> dict[str, Any]:
        """The pictures that somebody without Facebook has given, in Facebook's shape."""
        selfies = Selfie.objects.accepted().filter(user=user, source=Selfie.Source.SELFIE).order_by("pk")
        sources = [self.media.selfie(selfie) for selfie in selfies]
        if user.pic_url:
            sources.insert(0, user.pic_url)
        pictures = [{"image": {"source": source, "width": None, "height": None}} for source in sources]
        return {"user_fb_id": None, "profile_pics": pictures, "tagged_pics": []}

    def make_all_pending(self, request: Request) -> Response:
        return Response({"msg": "ok", "pending_count": faces.make_all_models_pending()})

    def retrieve(self, request: Request) -> Response:
        user = self._user("forced_user_id") or self._user("user_id")
        if user is None:
            raise BadParameter("Missing parameter: user_id")
        model = FaceModel.objects.filter(user=user).first()
        return Response({"model": "empty" if model is None or model.model is None else model.model})

    def set(self, request: Request) -> Response:
        user = self._user("user_id")
        if user is None:
            raise BadParameter("Missing parameter: user_id")
        model = self.parameters.json("model")
        if model is None:
            raise BadParameter("Missing parameter: model")
        faces.set_model(user=user, model=model)
        return Response({"msg": "ok"})

    def _user(self, name: str) -> User | None:
        """The user that a parameter names; None when it is missing."""
        user_id = self.parameters.id(name)
        if user_id is None:
            return None
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise ObjectDoesNotExist
        return user
