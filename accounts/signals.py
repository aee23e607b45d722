"""What happens to people, for the floors above."""

from django.dispatch import Signal

# A user has proved a phone; sent inside the transaction, with `user`, so that what waits for that phone is theirs
# when it commits.
phone_verified = Signal()

# A user is about to be deleted; sent inside the transaction, with `user`, so that the floors above let go of what
# is not deleted along by itself.
user_leaving = Signal()

# The address of a user's picture has changed; sent inside the transaction, with `user`.
pic_url_changed = Signal()
