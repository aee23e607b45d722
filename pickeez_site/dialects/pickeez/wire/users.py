"""Users, to themselves and to others, and their selfies."""

from typing import TYPE_CHECKING, Annotated, Self

from msgspec import Meta

from accounts.models import User as StoredUser
from faces.member_view import Member
from faces.models import Selfie as StoredSelfie
from pickeez_site.dialects.pickeez.wire.base import Digits, GivenUrl, PickeezWire
from pickeez_site.dialects.wire import Count, Id, Time
from pickeez_site.dialects.wire.types import one_of

if TYPE_CHECKING:
    SelfieStatus = str
else:
    SelfieStatus = one_of(StoredSelfie.Status.values)


class Me(PickeezWire):
    """A user, to itself."""

    id: Id
    name: str | None
    email: str | None
    pic_url: GivenUrl
    fb_id: str | None
    phone: Digits | None
    verified_phone: Digits | None
    send_push_notifs: bool
    push_notif_token: str | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, user: StoredUser) -> Self:
        return cls(
            id=user.pk,
            name=user.name or None,
            email=user.email or None,
            pic_url=user.pic_url or None,
            fb_id=user.fb_id,
            phone=user.phone or None,
            verified_phone=user.verified_phone,
            send_push_notifs=user.send_push_notifs,
            push_notif_token=user.push_notif_token or None,
            created_at=user.created_at,
            updated_at=user.updated_at,
        )


class UserMembers(PickeezWire):
    id: Id
    fb_id: str | None
    name: str | None
    pic_url: GivenUrl
    phone: Digits | None
    verified_phone: Digits | None
    is_owner: bool

    @classmethod
    def _made(cls, member: Member, **others: object) -> Self:
        """The user with their `others`: the members of a subclass."""
        return cls(
            id=member.id,
            fb_id=member.fb_id,
            name=member.name or None,
            pic_url=member.pic_url or None,
            phone=member.phone or None,
            verified_phone=member.verified_phone,
            is_owner=member.is_owner,
            **others,
        )


class User(UserMembers):
    """A member, to the others."""

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls._made(member)


class Selfie(PickeezWire):
    id: Id
    faces: Count | None
    taken: bool
    status: SelfieStatus
    error: Annotated[str | None, Meta(description="Why it was refused.")]
    created_at: Time

    @classmethod
    def of(cls, selfie: StoredSelfie) -> Self:
        return cls(
            id=selfie.pk,
            faces=selfie.num_faces,
            taken=selfie.status == StoredSelfie.Status.ACCEPTED,
            status=selfie.status,
            error=selfie.error or None,
            created_at=selfie.created_at,
        )
