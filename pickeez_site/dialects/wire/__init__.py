"""The wire: each object that a client sends or receives is declared once, as a class.

From the class requests are parsed (`reading`), answers rendered (`rendering`) and OpenAPI described (`schemas`).
"""

from pickeez_site.dialects.wire.reading import BadInput, Reader
from pickeez_site.dialects.wire.rendering import ListInBytes, WireRenderer, from_attributes, rendered, to_json
from pickeez_site.dialects.wire.types import Count, Id, Json, OpenWire, SentId, Text, Time, Url, Wire

__all__ = [
    "BadInput",
    "Count",
    "Id",
    "Json",
    "ListInBytes",
    "OpenWire",
    "Reader",
    "SentId",
    "Text",
    "Time",
    "Url",
    "Wire",
    "WireRenderer",
    "from_attributes",
    "rendered",
    "to_json",
]
