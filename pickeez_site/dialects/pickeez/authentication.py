from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from pickeez_site.dialects.authentication import BearerAuthentication
from pickeez_site.dialects.pickeez.parameters import Parameters

NO_USER = "No user found. Please supply token or sign in."


class PickeezAuthentication(BearerAuthentication):
    """The header, or the parameter `token`."""

    message = NO_USER

    def token_of(self, request: Request) -> str | None:
        token = super().token_of(request)
        return Parameters(request).credential("token") if token is None else token


class SignedIn(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, User):
            raise NotAuthenticated(NO_USER)
        return True
