"""People: signing in by phone, the caller's own record, phones and their codes."""

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import User
from accounts.services import TooManyGuesses, WrongCode
from faces.models import Selfie
from faces.services import add_selfie, remove_selfies, wait_for_selfie
from pickeez_site.dialects.pickeez.parameters import MAX_PHONES, BadParameter, phone_or_none
from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet, PickeezViewSet
from pickeez_site.dialects.pickeez.wire import Me
from pickeez_site.dialects.pickeez.wire import Selfie as AnsweredSelfie
from pickeez_site.serving.proxies import client_address

MAX_URL = 2000
MAX_PUSH_TOKEN = 4096


class SignInViewSet(CredentialFreeViewSet):
    """Signing in without Facebook. Known and unknown phones get the same answers."""

    def send_code(self, request: Request) -> Response:
        phone = self.parameters.phone("phone", None)
        services.send_code(phone=phone, address=client_address(request))
        return Response({"msg": "sent"})

    def confirm(self, request: Request) -> Response:
        phone = self.parameters.phone("phone", None)
        code = self.parameters.required("code")
        user, token = services.sign_in(phone=phone, code=code, address=client_address(request))
        return Response({"token": token, "_id": str(user.pk)}, headers={"Cache-Control": "no-store"})


class MeViewSet(PickeezViewSet):
    """The caller."""

    def retrieve(self, request: Request) -> Response:
        return Response(Me.of(self.caller))

    def logout(self, request: Request) -> Response:
        services.revoke_token(token=str(request.auth))
        return Response({"msg": "ok"})


class FieldsViewSet(PickeezViewSet):
    """What the caller says about themselves, and which of their friends are here."""

    def set_pic_url(self, request: Request) -> Response:
        services.set_pic_url(user=self.caller, pic_url=self.parameters.required("pic_url", max_length=MAX_URL))
        return Response(Me.of(self.caller))

    def set_fields(self, request: Request) -> Response:
        field = self.parameters.required("field")
        if field == "send_push_notifs":
            self.parameters.required("val")
            services.set_pushes_wanted(user=self.caller, wanted=self.parameters.boolean("val"))
        elif field == "push_notif_token":
            token = self.parameters.text("val", max_length=MAX_PUSH_TOKEN)
            if token is None:  # an empty one takes the device's token back
                raise BadParameter("Missing parameter: val")
            services.set_push_token(user=self.caller, token=token)
        else:
            raise BadParameter("bad_field")
        return Response({"msg": "ok"})

    def which_phones_registered(self, request: Request) -> Response:
        sent = self.parameters.texts("phones", maximum=MAX_PHONES)
        phones = {number: phone_or_none(number, self.caller) for number in sent}
        users = User.objects.filter(verified_phone__in=[phone for phone in phones.values() if phone])
        ids = {phone: str(pk) for phone, pk in users.values_list("verified_phone", "pk")}
        return Response({number: ids.get(phone) if phone else None for number, phone in phones.items()})

    def delete_me(self, request: Request) -> Response:
        if self.parameters.required("sure") != "yes":
            raise BadParameter("Deleting yourself needs sure=yes.")
        services.delete_user(user=self.caller)
        return Response({"msg": "ok"})


class PhoneViewSet(PickeezViewSet):
    """The caller's phone: given, then proved by the code that was sent to it."""

    def set_phone(self, request: Request) -> Response:
        phone = self.parameters.phone("phone", self.caller)
        services.set_phone(user=self.caller, phone=phone, address=client_address(request))
        return Response(Me.of(self.caller))

    def resend_code(self, request: Request) -> Response:
        if not self.caller.phone:
            raise BadParameter("Set a phone first: there is none to send a code to.")
        services.send_code(phone=self.caller.phone, user=self.caller, address=client_address(request))
        return Response({"msg": "resent"})

    def confirm(self, request: Request) -> Response:
        phone, code = self.caller.phone, self.parameters.required("code")
        try:
            address = client_address(request)
            services.check_code(phone=phone, user=self.caller, code=code, address=address)
        except WrongCode:
            return Response({"err": "wrong code"}, status=status.HTTP_400_BAD_REQUEST)
        except TooManyGuesses as error:
            headers = {"Retry-After": str(error.retry_after)}
            return Response(
                {"err": "too many attempts"}, status=status.HTTP_429_TOO_MANY_REQUESTS, headers=headers
            )
        services.verify_phone(user=self.caller, phone=phone)
        return Response({"ok": True})


class SelfieViewSet(PickeezViewSet):
    """Pictures by which the caller is recognised."""

    def list(self, request: Request) -> Response:
        return Response({"selfies": [AnsweredSelfie.of(selfie) for selfie in self._mine()]})

    def create(self, request: Request) -> Response:
        file = self.parameters.file("file")
        if file is None:
            raise BadParameter("Missing parameter: file")
        selfie = add_selfie(user=self.caller, file=file)
        selfie = wait_for_selfie(selfie=selfie, seconds=settings.SELFIE_WAIT_SECONDS)
        if selfie.status == Selfie.Status.NEW:
            return Response({"_id": str(selfie.pk)}, status=status.HTTP_202_ACCEPTED)
        taken = selfie.status == Selfie.Status.ACCEPTED
        verdict = {"_id": str(selfie.pk), "faces": selfie.num_faces, "taken": taken}
        if not taken:
            return Response({**verdict, "msg": selfie.error}, status=status.HTTP_400_BAD_REQUEST)
        return Response(verdict)

    def remove(self, request: Request) -> Response:
        selfie_id = self.parameters.id("_id")
        if selfie_id and not self._mine().filter(pk=selfie_id).exists():
            raise Selfie.DoesNotExist
        return Response({"msg": "ok", "removed": remove_selfies(user=self.caller, selfie_id=selfie_id)})

    def _mine(self) -> QuerySet[Selfie]:
        return Selfie.objects.filter(user=self.caller, source=Selfie.Source.SELFIE).order_by("created_at")
