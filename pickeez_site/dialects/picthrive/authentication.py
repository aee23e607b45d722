from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from pickeez_site.dialects.authentication import BearerAuthentication

__all__ = ["BearerAuthentication", "SignedIn"]
NO_USER = "This needs the header Authorization: Bearer TOKEN."


class SignedIn(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, User):
            raise NotAuthenticated(NO_USER)
        return True
