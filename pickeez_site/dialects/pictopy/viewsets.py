"""The base of PictoPy's viewsets, and their `operation`."""

from functools import partial

from pickeez_site.dialects.parsers import SafeJSONParser
from pickeez_site.dialects.pictopy.authentication import LocalLibraryAuthentication, PictoPyAuthentication
from pickeez_site.dialects.pictopy.dialect import DIALECT
from pickeez_site.dialects.viewsets import DialectViewSet, SignedIn
from pickeez_site.dialects.viewsets import operation as any_operation
from pickeez_site.dialects.wire import OpenWire

operation = partial(any_operation, base=OpenWire)


class PictoPyViewSet(DialectViewSet):
    """A caller with a token or on this machine, and JSON bodies."""

    dialect = DIALECT
    parser_classes = [SafeJSONParser]
    authentication_classes = [PictoPyAuthentication, LocalLibraryAuthentication]
    permission_classes = [SignedIn]
