"""The base of PicThrive's viewsets, and their `operation`."""

from functools import partial

from rest_framework.request import Request

from albums.models import Album
from pickeez_site.dialects.authentication import BearerAuthentication
from pickeez_site.dialects.parsers import AnyValueJSONParser
from pickeez_site.dialects.picthrive.dialect import DIALECT
from pickeez_site.dialects.picthrive.wire import Asked
from pickeez_site.dialects.viewsets import DialectViewSet, SignedIn
from pickeez_site.dialects.viewsets import operation as any_operation
from pickeez_site.dialects.wire.values import parse_id

operation = partial(any_operation, base=Asked)


class AnyTypeParser(AnyValueJSONParser):
    """JSON also from clients that name another type, or none."""

    media_type = "*/*"


class PicThriveViewSet(DialectViewSet):
    """A caller with a token, and a JSON object as body."""

    dialect = DIALECT
    parser_classes = [AnyTypeParser]
    authentication_classes = [BearerAuthentication]
    permission_classes = [SignedIn]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        self.dialect.reader.body(request)  # is an object also where nothing of it is read

    def group(self, group_id: str) -> Album:
        """The group, if the caller may see it; an unknown one and somebody else's are equally not there."""
        return Album.objects.visible_to(self.caller).get(pk=parse_id(group_id))
