"""What is answered: the wire types, and what is not one yet."""

from pickeez_site.dialects.openapi.describe import BOOLEAN, COUNT, ID, Schema, nullable, record, text
from pickeez_site.dialects.pickeez.schema.errors import ERROR
from pickeez_site.dialects.pickeez.schema.inputs import INPUTS
from pickeez_site.dialects.pickeez.wire import Albums, Me, PendingAlbum, Photo, Selfie
from pickeez_site.dialects.pickeez.wire.base import Digits
from pickeez_site.dialects.wire.schemas import schemas_of

PIXELS: Schema = {"type": "integer", "minimum": 1, "description": "Pixels."}
VERDICT = {"_id": ID, "faces": nullable(COUNT), "taken": BOOLEAN}
WIRE_TYPES = schemas_of([Albums, Me, PendingAlbum, Photo, Selfie])[1]

COMPONENTS: dict[str, Schema] = {
    **INPUTS,
    **WIRE_TYPES,
    "Error": ERROR,
    "Message": record({"msg": text()}),
    "Id": record({"_id": ID}),
    "Digits": schemas_of([Digits])[0][0],
    "SelfieVerdict": record(VERDICT),
    "SelfieRefused": record({**VERDICT, "msg": text("Why.")}),
    "Picture": record(
        {"source": text("Its URL."), "width": nullable(PIXELS), "height": nullable(PIXELS)},
    ),
}
