"""Where pictures are: what to put before their URL suffixes."""

from django.conf import settings
from rest_framework.request import Request

from pickeez_site.dialects.picthrive import example_objects as examples
from pickeez_site.dialects.picthrive.viewsets import PicThriveViewSet
from pickeez_site.dialects.picthrive.wire.zips import Regions
from pickeez_site.dialects.viewsets import operation


class RegionViewSet(PicThriveViewSet):
    section = "Regions"

    @operation(
        "Where pictures are",
        answer="Each region's base URL.",
        answer_example={"Regions": {examples.REGION: examples.BASE}},
    )
    def regions(self, request: Request) -> Regions:
        """What to put before a suffix, by the Region beside it."""
        return Regions(regions={settings.REGION_NAME: settings.PUBLIC_URL})
