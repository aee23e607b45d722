from pickeez_site.dialects.parsers import SafeJSONParser
from pickeez_site.dialects.pictopy.authentication import LocalLibraryAuthentication, PictoPyAuthentication
from pickeez_site.dialects.pictopy.dialect import DIALECT
from pickeez_site.dialects.viewsets import DialectViewSet, SignedIn


class PictoPyViewSet(DialectViewSet):
    """A caller with a token or on this machine, and JSON bodies."""

    dialect = DIALECT
    parser_classes = [SafeJSONParser]
    authentication_classes = [PictoPyAuthentication, LocalLibraryAuthentication]
    permission_classes = [SignedIn]
