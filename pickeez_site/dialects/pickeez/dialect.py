"""Pickeez as data: its envelope `{"msg": …}`, its callers with a token, its algorithm with a password."""

from typing import Annotated

from accounts.facebook import FacebookRefused, GraphUnavailable
from accounts.messaging import MessageNotSent
from accounts.services import MoreThanLimit, TooManyGuesses, WrongCode
from accounts.sms_recipients import NoSmsToPhone
from faces.services import DecisionRefused
from photos.storage import BadKey
from pickeez_site.dialects.dialect import Alternatives, Dialect, ErrorDescription, ErrorRow
from pickeez_site.dialects.pickeez.reading import READER
from pickeez_site.dialects.pickeez.wire.answers import Message
from pickeez_site.dialects.security import API_KEYS, TOKEN, TOKEN_PARAMETER, secret
from pickeez_site.dialects.wire import Wire
from pickeez_site.dialects.wire.types import rules

NO_USER = "No user found. Please supply token or sign in."
A_TOKEN: Alternatives = [{"token": []}, {"tokenParameter": []}]
A_TOKEN_OR_NONE: Alternatives = [{}, *A_TOKEN]
THE_PASSWORD: Alternatives = [{"passwordParameter": []}, {"passwordHeader": []}]
WITH_APP_KEY: Alternatives = [
    *A_TOKEN,
    {"token": [], "apiKey": []},
    {"token": [], "xApiKey": []},
    {"tokenParameter": [], "authorizationApiKey": []},
]


class Error(Wire):
    msg: Annotated[str, rules("What is wrong, in words.")]


DIALECT = Dialect(
    title="Pickeez",
    description="Albums shared by phone number, for a mobile app, and for an algorithm that says who is on them. "
    "Bodies are described as JSON. Every parameter of a body may be in a form or in the query string instead, as "
    "the document writes it (`POST /set_phone?phone=4567`); the body goes before the query. There, lists are "
    "`phones[]=1&phones[]=2`, other arrays and objects are JSON text. Yes is `true`, `1`, `yes` or `on`, no is "
    "`false`, `0`, `no`, `off` or nothing; a text may be a number, a number a text. Null is as good as missing. "
    "Parameters that a route does not know are ignored.",
    reader=READER,
    envelope=lambda failure: Error(msg=failure.words),
    error=Error,
    done=Message(msg="ok"),
    errors=[
        ErrorRow(BadKey, 400),
        ErrorRow(DecisionRefused, 400),
        ErrorRow(WrongCode, 400, "wrong code"),
        ErrorRow(FacebookRefused, 401),
        ErrorRow(TooManyGuesses, 429, "too many attempts"),
        ErrorRow(NoSmsToPhone, 400),
        ErrorRow(MoreThanLimit, 429),
        ErrorRow(MessageNotSent, 503, "The message could not be sent. Please try again later."),
        ErrorRow(GraphUnavailable, 503),
    ],
    error_descriptions={
        400: ErrorDescription("A parameter is missing or not what the route takes.", "Missing parameter: phone"),
        401: ErrorDescription("No token or password, or a wrong one.", NO_USER),
        403: ErrorDescription("Seen, but not the caller's to change.", "Only the album's owner may do this."),
        415: ErrorDescription(
            "The body is neither JSON nor a form.", 'Unsupported media type "text/plain" in request.'
        ),
        503: ErrorDescription(
            "The database, the storage, Facebook or the SMS gateway is away.",
            "The database is away. Please try again later.",
        ),
    },
    always=(400, 401, 503),
    path_errors=(404,),
    no_user=NO_USER,
    security=A_TOKEN,
    security_schemes={
        "token": TOKEN,
        "tokenParameter": TOKEN_PARAMETER,
        "passwordParameter": secret(
            "query", "password", "The algorithm's password (`ALGO_PASSWORD`), in the query string, a form or JSON."
        ),
        "passwordHeader": secret("header", "X-Algo-Password", "The same password."),
        **API_KEYS,
    },
    paths={"photos": "/photos/"},
)
