"""Where pictures are: what to put before their URL suffixes."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from pickeez_site.dialects.picthrive.viewsets import PicThriveViewSet


class RegionViewSet(PicThriveViewSet):
    def regions(self, request: Request) -> Response:
        return Response({"Regions": {settings.REGION_NAME: settings.PUBLIC_URL}})
