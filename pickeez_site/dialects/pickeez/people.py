"""People: signing in by phone, the caller's own record, phones and their codes."""

from typing import Annotated, Literal

from django.conf import settings
from django.db.models import QuerySet
from rest_framework.response import Response

from accounts import services
from accounts.services import TooManyGuesses, WrongCode
from faces.models import Selfie
from faces.services import add_selfie, remove_selfies, wait_for_selfie
from pickeez_site.dialects.dialect import RETRY_AFTER
from pickeez_site.dialects.pickeez.dialect import Error
from pickeez_site.dialects.pickeez.facebook import PRIVATE
from pickeez_site.dialects.pickeez.phones import phone_from, phone_or_none
from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet, PickeezViewSet, operation
from pickeez_site.dialects.pickeez.wire import answers, requests
from pickeez_site.dialects.pickeez.wire.requests import Code, Phone, Phones, PictureFile, PicUrl
from pickeez_site.dialects.viewsets import Answer
from pickeez_site.dialects.wire import BadInput, Id, from_attributes
from pickeez_site.dialects.wire.types import rules
from pickeez_site.serving.proxies import client_address

SIGNING_IN, CALLER = "Signing in", "The caller"
THE_CALLER = "The caller."
PhonesFound = dict[str, Id | None]
looking_up = operation(
    "Which of these phones are somebody's here",
    answer="By phone as it was sent: a user's id, or null.",
    errors=[429],
    changes=True,  # it is counted
)


class SignInViewSet(CredentialFreeViewSet):
    """Signing in without Facebook."""

    section = SIGNING_IN

    @operation("Sends a code to a phone", answer="Sent.", errors=[403, 429])
    def send_code(self, *, phone: Phone) -> answers.Message:
        """Known and unknown phones get the same answer. Only the address that asks can use the code."""
        services.send_code(phone=phone_from(phone, None), address=client_address(self.request))
        return answers.Message(msg="sent")

    @operation(
        "Signs in with the code",
        answers={200: Answer("Signed in; the user was made if new.", kind=answers.PhoneSignIn, headers=PRIVATE)},
        errors=[401, 403, 429],
    )
    def confirm(self, *, phone: Phone, code: Code) -> Response:
        phone, address = phone_from(phone, None), client_address(self.request)
        user, token = services.sign_in(phone=phone, code=code, address=address)
        return Response(answers.PhoneSignIn(token=token, id=user.pk))


class LogoutViewSet(PickeezViewSet):
    section = SIGNING_IN

    @operation("Revokes the token that was used")
    def logout(self) -> None:
        services.revoke_token(token=str(self.request.auth))


class CallerViewSet(PickeezViewSet):
    """What the caller says about themselves, proves their phone by a code, and which friends are here."""

    section = CALLER

    @operation("The caller", answer=THE_CALLER)
    def retrieve(self) -> answers.Me:
        return from_attributes(answers.Me, self.caller)

    @operation("Sets the address of the caller's picture", answer=THE_CALLER)
    def set_pic_url(self, *, pic_url: PicUrl) -> answers.Me:
        """Kept as given; a scheme must be http(s). Such a picture is looked at like a selfie."""
        services.set_pic_url(user=self.caller, pic_url=pic_url)
        return from_attributes(answers.Me, self.caller)

    @operation("Sets the caller's name, whether they want pushes, and where to")
    def set_fields(self, asked: requests.NewName | requests.PushWish | requests.PushToken) -> None:
        if isinstance(asked, requests.NewName):
            services.set_name(user=self.caller, name=asked.val)
        elif isinstance(asked, requests.PushWish):
            services.set_pushes_wanted(user=self.caller, wanted=asked.val)
        else:
            services.set_push_token(user=self.caller, token=asked.val)

    @looking_up
    def which_phones_registered(self, asked: requests.PhonesToLookUp) -> PhonesFound:
        return self._find(asked.phones)

    @looking_up
    def look_up_phones(self, *, phones: Phones) -> PhonesFound:
        """The same with a body."""
        return self._find(phones)

    def _find(self, numbers: list[str]) -> PhonesFound:
        phones = {number: phone_or_none(number, self.caller) for number in numbers}
        known = [phone for phone in phones.values() if phone]
        ids = services.find_users_by_phones(caller=self.caller, phones=known, looked_up=len(phones))
        return {number: ids.get(phone) for number, phone in phones.items()}

    @operation("Deletes the caller and all that is theirs")
    def delete_me(
        self, *, sure: Annotated[Literal["yes"], rules(refusal="Deleting yourself needs sure=yes.")]
    ) -> None:
        """Their albums, their photos anywhere, what is known of their face, tokens, files. For good."""
        services.delete_user(user=self.caller)

    @operation("Gives the caller's phone, and has a code sent to it", answer=THE_CALLER, errors=[403, 429])
    def set_phone(self, *, phone: Phone) -> answers.Me:
        """Not verified before the code is confirmed. A new call voids the code before."""
        phone = phone_from(phone, self.caller)
        services.set_phone(user=self.caller, phone=phone, address=client_address(self.request))
        return from_attributes(answers.Me, self.caller)

    @operation("Sends a fresh code", answer="Sent.", errors=[403, 429])
    def resend_code(self) -> answers.Message:
        if not self.caller.phone:
            raise BadInput("Set a phone first: there is none to send a code to.")
        services.send_code(phone=self.caller.phone, user=self.caller, address=client_address(self.request))
        return answers.Message(msg="resent")

    @operation(
        "Verifies the phone with the code",
        answers={
            200: Answer("Verified.", kind=answers.Verified),
            400: Answer("A wrong code, or none.", kind=answers.CodeRefused | Error),
            403: Answer("Too many wrong codes in all: only the operator opens this phone again.", kind=Error),
            429: Answer(
                "Too many tries: the code is dead.", kind=answers.CodeRefused | Error, headers=RETRY_AFTER
            ),
        },
    )
    def confirm_phone(self, *, code: Code) -> Response:
        """Albums that had invited this number show up from now on."""
        phone, address = self.caller.phone, client_address(self.request)
        try:
            services.check_code(phone=phone, user=self.caller, code=code, address=address)
        except WrongCode:
            return Response(answers.CodeRefused(err="wrong code"), status=400)
        except TooManyGuesses as error:
            refused = answers.CodeRefused(err="too many attempts")
            return Response(refused, status=429, headers={"Retry-After": str(error.retry_after)})
        services.verify_phone(user=self.caller, phone=phone)
        return Response(answers.Verified(ok=True))


class SelfieViewSet(PickeezViewSet):
    """Pictures by which the caller is recognised."""

    section = CALLER

    @operation("The caller's selfies", answer="Oldest first.")
    def list(self) -> answers.Selfies:
        return answers.Selfies(selfies=[answers.Selfie.of(selfie) for selfie in self._mine()])

    @operation(
        "Adds a picture to recognise the caller by",
        answers={
            200: Answer("It shows one face, and is taken.", kind=answers.SelfieVerdict),
            202: Answer("Stored, and not looked at yet: see the list later.", kind=answers.NewId),
            400: Answer(
                "No file; or it shows nobody or several: then with `_id`, `faces` and `taken`.",
                kind=answers.SelfieRefused | Error,
            ),
        },
    )
    def create(self, *, file: PictureFile) -> Response:
        """Of the caller alone. The same picture again is the same selfie."""
        selfie = add_selfie(user=self.caller, file=file)
        selfie = wait_for_selfie(selfie=selfie, seconds=settings.SELFIE_WAIT_SECONDS)
        if selfie.status == Selfie.Status.NEW:
            return Response(answers.NewId(id=selfie.pk), status=202)
        if selfie.status == Selfie.Status.ACCEPTED:
            return Response(answers.SelfieVerdict.of(selfie))
        return Response(answers.SelfieRefused.of(selfie), status=400)

    @operation("Removes one selfie, or all", errors=[404])
    def remove(
        self,
        *,
        id: Annotated[Id | None, rules("All of them go without.")] = None,  # noqa: A002
    ) -> answers.SelfiesRemoved:
        if id and not self._mine().filter(pk=id).exists():
            raise Selfie.DoesNotExist
        return answers.SelfiesRemoved(msg="ok", removed=remove_selfies(user=self.caller, selfie_id=id))

    def _mine(self) -> QuerySet[Selfie]:
        return Selfie.objects.filter(user=self.caller, source=Selfie.Source.SELFIE).order_by("created_at")
