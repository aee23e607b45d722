"""Signals about users, for the apps above."""

from django.dispatch import Signal

# A user has verified a phone. Sent inside the transaction, with `user`: receivers give the user what waits for
# that phone, as invitations, in the same transaction.
phone_verified = Signal()

# A user has verified an e-mail address. Sent like `phone_verified`.
email_verified = Signal()

# A user is about to be deleted. Sent inside the transaction, with `user`: receivers remove what the database does
# not delete by itself.
before_user_deletion = Signal()

# The URL of a user's picture has changed. Sent inside the transaction, with `user`.
pic_url_changed = Signal()
