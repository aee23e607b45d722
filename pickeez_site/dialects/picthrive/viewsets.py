from typing import Any

from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from accounts.models import User
from albums.models import Album
from pickeez_site.dialects.picthrive.authentication import BearerAuthentication, SignedIn
from pickeez_site.dialects.picthrive.errors import envelope, render_error
from pickeez_site.dialects.picthrive.members import AnyJSONParser, Members
from pickeez_site.dialects.wire.values import parse_id


class PicThriveViewSet(ViewSet):
    """A caller with a token, a JSON object as body, errors in PicThrive's envelope."""

    parser_classes = [AnyJSONParser]
    authentication_classes = [BearerAuthentication]
    permission_classes = [SignedIn]
    envelope = staticmethod(envelope)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.members = Members.of(request)

    @property
    def caller(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 - SignedIn let nobody else in
        return self.request.user

    def group(self, group_id: str) -> Album:
        """The group, if the caller may see it; an unknown one and somebody else's are equally not there."""
        return Album.objects.visible_to(self.caller).get(pk=parse_id(group_id))

    def get_exception_handler(self) -> Any:
        return render_error
