from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.models import User
from pickeez_site.dialects.parsers import SafeJSONParser
from pickeez_site.dialects.pictopy.authentication import (
    KnownCaller,
    LocalLibraryAuthentication,
    PictoPyAuthentication,
)
from pickeez_site.dialects.pictopy.errors import envelope, render_error
from pickeez_site.dialects.pictopy.payload import Payload

MAX_ROWS = 5000  # in one answer


class PictoPyViewSet(ViewSet):
    """A caller with a token or on this machine, JSON bodies, everything in PictoPy's envelopes."""

    parser_classes = [SafeJSONParser]
    authentication_classes = [PictoPyAuthentication, LocalLibraryAuthentication]
    permission_classes = [KnownCaller]
    envelope = staticmethod(envelope)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.payload = Payload(request)

    @property
    def caller(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 - KnownCaller let nobody else in
        return self.request.user

    def get_exception_handler(self) -> Any:
        return render_error

    def answer(self, data: Any, message: str, *, status: int = 200, next_after: str | None = None) -> Response:
        """The envelope of a success; with `next_after` when a list goes on."""
        more = {} if next_after is None else {"next_after": next_after}
        return Response({"data": data, "message": message, "success": True, **more}, status=status)
