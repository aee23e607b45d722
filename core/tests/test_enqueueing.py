"""Messages are sent to the broker once, when the transaction has committed."""

from threading import Thread

import pytest
from django.db import connection, transaction

from core.enqueueing import enqueue

REMOVE, ZIP = "photos.tasks.remove_files", "photos.tasks.make_zip"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The messages that the broker was given."""
    messages: list[tuple[str, ...]] = []
    monkeypatch.setattr("core.enqueueing.send_task", lambda *message: messages.append(message))
    return messages


@pytest.mark.django_db(transaction=True)
class TestEnqueue:
    def test_without_a_transaction_a_message_is_sent_at_once(self, sent: list[tuple[str, ...]]) -> None:
        enqueue(ZIP, "1")
        enqueue(ZIP, "1")
        assert sent == [(ZIP, "1")] * 2

    def test_in_a_transaction_a_message_waits_for_the_commit(self, sent: list[tuple[str, ...]]) -> None:
        with transaction.atomic():
            enqueue(ZIP, "1")
            assert sent == []
        assert sent == [(ZIP, "1")]

    def test_a_transaction_sends_the_same_message_once(self, sent: list[tuple[str, ...]]) -> None:
        for _ in range(2):
            with transaction.atomic():
                for _ in range(3):
                    enqueue(REMOVE)
                    enqueue(ZIP, "1")
                    enqueue(ZIP, "2")
        assert sent == [(REMOVE,), (ZIP, "1"), (ZIP, "2")] * 2

    def test_a_rolled_back_message_is_not_sent_and_holds_back_no_other(self, sent: list[tuple[str, ...]]) -> None:
        with transaction.atomic():
            enqueue(REMOVE)
            transaction.set_rollback(True)
        with transaction.atomic():
            with transaction.atomic():
                enqueue(REMOVE)
                transaction.set_rollback(True)
            enqueue(REMOVE)
            with transaction.atomic():
                enqueue(REMOVE)
                transaction.set_rollback(True)
        assert sent == [(REMOVE,)]

    def test_a_message_that_another_causes_is_sent_too(
        self, sent: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def work_at_once(*message: str) -> None:
            sent.append(message)
            if message == (REMOVE,) and len(sent) < 3:
                enqueue(REMOVE)

        monkeypatch.setattr("core.enqueueing.send_task", work_at_once)
        with transaction.atomic():
            enqueue(REMOVE)
        assert sent == [(REMOVE,)] * 3

    def test_another_threads_transaction_sends_its_own(self, sent: list[tuple[str, ...]]) -> None:
        def enqueue_elsewhere() -> None:
            enqueue(REMOVE)
            connection.close()  # the thread's own

        with transaction.atomic():
            enqueue(REMOVE)
            other = Thread(target=enqueue_elsewhere)
            other.start()
            other.join()
            assert sent == [(REMOVE,)]
        assert sent == [(REMOVE,)] * 2

    def test_an_unknown_task_name_fails_before_anything_commits(self) -> None:
        with pytest.raises(ImportError), transaction.atomic():
            enqueue("photos.tasks.nothing")
