"""The document's first routes: is anybody there, and what can be asked."""

from rest_framework.request import Request
from rest_framework.response import Response

from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet


class PingViewSet(CredentialFreeViewSet):
    """The health probe."""

    def ping(self, request: Request) -> Response:
        return Response({"msg": "pong"})
