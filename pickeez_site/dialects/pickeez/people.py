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
from pickeez_site.dialects.pickeez.dialect import NOT_NEEDED, RETRY_AFTER, Error
from pickeez_site.dialects.pickeez.facebook import PRIVATE
from pickeez_site.dialects.pickeez.phones import phone_from, phone_or_none
from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet, PickeezViewSet
from pickeez_site.dialects.pickeez.wire import Me
from pickeez_site.dialects.pickeez.wire import Selfie as AnsweredSelfie
from pickeez_site.dialects.pickeez.wire.answers import (
    OK,
    CodeRefused,
    Message,
    NewId,
    PhoneSignIn,
    SelfieRefused,
    Selfies,
    SelfiesRemoved,
    SelfieVerdict,
    Verified,
)
from pickeez_site.dialects.pickeez.wire.requests import (
    CodeOfPhone,
    Farewell,
    NewPicUrl,
    NewSelfie,
    PhoneAndCode,
    PhonesToLookUp,
    PhoneToProve,
    PushToken,
    PushWish,
    SelfieToRemove,
)
from pickeez_site.dialects.viewsets import Answer, operation
from pickeez_site.dialects.wire import BadInput, Id
from pickeez_site.serving.proxies import client_address

SIGNING_IN, CALLER = "Signing in", "The caller"
A_PHONE, A_CODE = "+12025550143", "345678"


class SignInViewSet(CredentialFreeViewSet):
    """Signing in without Facebook."""

    section = SIGNING_IN

    @operation(
        "Sends a code to a phone",
        answer="Sent.",
        answer_example=Message(msg="sent"),
        errors=[429],
        security=NOT_NEEDED,
        example={"phone": A_PHONE},
    )
    def send_code(self, request: Request, asked: PhoneToProve) -> Message:
        """Known and unknown phones get the same answer."""
        services.send_code(phone=phone_from(asked.phone, None), address=client_address(request))
        return Message(msg="sent")

    @operation(
        "Signs in with the code",
        answers={
            200: Answer(description="Signed in; the user was made if new.", kind=PhoneSignIn, headers=PRIVATE)
        },
        errors=[401, 429],
        security=NOT_NEEDED,
        example={"phone": A_PHONE, "code": A_CODE},
    )
    def confirm(self, request: Request, asked: PhoneAndCode) -> Response:
        phone, address = phone_from(asked.phone, None), client_address(request)
        user, token = services.sign_in(phone=phone, code=asked.code, address=address)
        return Response(PhoneSignIn(token=token, id=user.pk), headers={"Cache-Control": "no-store"})


class LogoutViewSet(PickeezViewSet):
    section = SIGNING_IN

    @operation("Revokes the token that was used", answer_example=OK)
    def logout(self, request: Request) -> Message:
        services.revoke_token(token=str(request.auth))
        return OK


class CallerViewSet(PickeezViewSet):
    """What the caller says about themselves, and which of their friends are here."""

    section = CALLER

    @operation("The caller", answer="The caller.")
    def retrieve(self, request: Request) -> Me:
        return Me.of(self.caller)

    @operation("Sets the address of the caller's picture", answer="The caller.", example={"pic_url": "blabla"})
    def set_pic_url(self, request: Request, asked: NewPicUrl) -> Me:
        """Kept as given; a scheme must be http(s). Such a picture is looked at like a selfie."""
        services.set_pic_url(user=self.caller, pic_url=asked.pic_url)
        return Me.of(self.caller)

    @operation(
        "Says whether the caller wants pushes, and where to",
        answer_example=OK,
        examples={
            "wish": {"field": "send_push_notifs", "val": False},
            "device": {"field": "push_notif_token", "val": "123abc"},
        },
    )
    def set_fields(self, request: Request, asked: PushWish | PushToken) -> Message:
        if isinstance(asked, PushWish):
            services.set_pushes_wanted(user=self.caller, wanted=asked.val)
        else:
            services.set_push_token(user=self.caller, token=asked.val)
        return OK

    @operation(
        "Which of these phones are somebody's here",
        answer="By phone as it was sent: a user's id, or null.",
        answer_example={"972522934321": None, "20": None},
    )
    def which_phones_registered(self, request: Request, asked: PhonesToLookUp) -> dict[str, Id | None]:
        phones = {number: phone_or_none(number, self.caller) for number in asked.phones}
        users = User.objects.filter(verified_phone__in=[phone for phone in phones.values() if phone])
        ids = dict(users.values_list("verified_phone", "pk"))
        return {number: ids.get(phone) for number, phone in phones.items()}

    @operation("Deletes the caller and all that is theirs", answer_example=OK, example={"sure": "yes"})
    def delete_me(self, request: Request, asked: Farewell) -> Message:
        """Their albums, their photos anywhere, what is known of their face, tokens, files. For good."""
        services.delete_user(user=self.caller)
        return OK


class PhoneViewSet(PickeezViewSet):
    """The caller's phone: given, then proved by the code that was sent to it."""

    section = CALLER

    @operation(
        "Gives the caller's phone, and has a code sent to it",
        answer="The caller.",
        errors=[429],
        example={"phone": "4567"},
    )
    def set_phone(self, request: Request, asked: PhoneToProve) -> Me:
        """Not verified before the code is confirmed. A new call voids the code before."""
        phone = phone_from(asked.phone, self.caller)
        services.set_phone(user=self.caller, phone=phone, address=client_address(request))
        return Me.of(self.caller)

    @operation("Sends a fresh code", answer="Sent.", answer_example=Message(msg="resent"), errors=[429])
    def resend_code(self, request: Request) -> Message:
        if not self.caller.phone:
            raise BadInput("Set a phone first: there is none to send a code to.")
        services.send_code(phone=self.caller.phone, user=self.caller, address=client_address(request))
        return Message(msg="resent")

    @operation(
        "Verifies the phone with the code",
        answers={
            200: Answer(description="Verified.", kind=Verified, example=Verified(ok=True)),
            400: Answer(
                description="A wrong code, or none.",
                kind=CodeRefused | Error,
                example=CodeRefused(err="wrong code"),
            ),
            429: Answer(
                description="Too many tries: the code is dead.",
                kind=CodeRefused | Error,
                headers=RETRY_AFTER,
                example=CodeRefused(err="too many attempts"),
            ),
        },
        example={"code": A_CODE},
    )
    def confirm(self, request: Request, asked: CodeOfPhone) -> Response:
        """Albums that had invited this number show up from now on."""
        phone, address = self.caller.phone, client_address(request)
        try:
            services.check_code(phone=phone, user=self.caller, code=asked.code, address=address)
        except WrongCode:
            return Response(CodeRefused(err="wrong code"), status=status.HTTP_400_BAD_REQUEST)
        except TooManyGuesses as error:
            headers = {"Retry-After": str(error.retry_after)}
            refused = CodeRefused(err="too many attempts")
            return Response(refused, status=status.HTTP_429_TOO_MANY_REQUESTS, headers=headers)
        services.verify_phone(user=self.caller, phone=phone)
        return Response(Verified(ok=True))


class SelfieViewSet(PickeezViewSet):
    """Pictures by which the caller is recognised."""

    section = CALLER

    @operation("The caller's selfies", answer="Oldest first.")
    def list(self, request: Request) -> Selfies:
        return Selfies(selfies=[AnsweredSelfie.of(selfie) for selfie in self._mine()])

    @operation(
        "Adds a picture to recognise the caller by",
        answers={
            200: Answer(description="It shows one face, and is taken.", kind=SelfieVerdict),
            202: Answer(description="Stored, and not looked at yet: see the list later.", kind=NewId),
            400: Answer(
                description="No file; or it shows nobody or several: then with `_id`, `faces` and `taken`.",
                kind=SelfieRefused | Error,
                example=Error(msg="Missing parameter: file"),
            ),
        },
    )
    def create(self, request: Request, asked: NewSelfie) -> Response:
        """Of the caller alone. The same picture again is the same selfie."""
        selfie = add_selfie(user=self.caller, file=asked.file)
        selfie = wait_for_selfie(selfie=selfie, seconds=settings.SELFIE_WAIT_SECONDS)
        if selfie.status == Selfie.Status.NEW:
            return Response(NewId(id=selfie.pk), status=status.HTTP_202_ACCEPTED)
        if selfie.status == Selfie.Status.ACCEPTED:
            return Response(SelfieVerdict(id=selfie.pk, faces=selfie.num_faces, taken=True))
        refused = SelfieRefused(id=selfie.pk, faces=selfie.num_faces, taken=False, msg=selfie.error)
        return Response(refused, status=status.HTTP_400_BAD_REQUEST)

    @operation("Removes one selfie, or all", answer_example=SelfiesRemoved(msg="ok", removed=1), errors=[404])
    def remove(self, request: Request, asked: SelfieToRemove) -> SelfiesRemoved:
        if asked.id and not self._mine().filter(pk=asked.id).exists():
            raise Selfie.DoesNotExist
        return SelfiesRemoved(msg="ok", removed=remove_selfies(user=self.caller, selfie_id=asked.id))

    def _mine(self) -> QuerySet[Selfie]:
        return Selfie.objects.filter(user=self.caller, source=Selfie.Source.SELFIE).order_by("created_at")
