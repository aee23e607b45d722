from typing import Any

from accounts.models import User
from faces.member_view import Member
from faces.models import Selfie
from pickeez_site.dialects.wire.values import timestamp


def user_to_itself(user: User) -> dict[str, Any]:
    return {
        "_id": str(user.pk),
        "name": user.name or None,
        "email": user.email or None,
        "pic_url": user.pic_url or None,
        "fb_id": user.fb_id,
        "phone": user.phone or None,
        "verified_phone": user.verified_phone,
        "send_push_notifs": user.send_push_notifs,
        "push_notif_token": user.push_notif_token or None,
        "created_at": timestamp(user.created_at),
        "updated_at": timestamp(user.updated_at),
    }


def member_fields(member: Member) -> dict[str, Any]:
    """A user to others."""
    return {
        "_id": str(member.id),
        "fb_id": member.fb_id,
        "name": member.name or None,
        "pic_url": member.pic_url or None,
        "phone": member.phone or None,
        "verified_phone": member.verified_phone,
        "is_owner": member.is_owner,
    }


def selfie_fields(selfie: Selfie) -> dict[str, Any]:
    return {
        "_id": str(selfie.pk),
        "faces": selfie.num_faces,
        "taken": selfie.status == Selfie.Status.TAKEN,
        "status": selfie.status,
        "error": selfie.error or None,
        "created_at": timestamp(selfie.created_at),
    }
