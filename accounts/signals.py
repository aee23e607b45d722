"""What happens to people, for the floors above."""

from django.dispatch import Signal

# A user has proved a phone; sent inside the transaction, with `user`, so that what waits for that phone is theirs
# when it commits.
phone_verified = Signal()

# Messages are waiting to be sent; sent on commit.
messages_queued = Signal()
