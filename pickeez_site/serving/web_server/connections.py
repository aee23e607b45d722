"""How many connections each address has open, counted over all processes in memory that they share."""

import mmap
import secrets
from zlib import crc32

from core.addresses import customer

SLOTS = 16 * 1024


class ConnectionTable:
    """Numbers of connections: a row for each hash of an address, a column for each process.

    A process writes only its own column, so that there is no lock, and what one leaves behind that was killed is
    cleared by the next in its column. Two addresses of one hash, which a stranger cannot find, share a row.
    """

    def __init__(self, processes: int) -> None:
        self.columns = processes
        self._salt = secrets.token_bytes(8)
        self._cells = memoryview(mmap.mmap(-1, SLOTS * processes * 2)).cast("H")

    def column(self, number: int) -> "ProcessConnections":
        """Clears the column and returns it, for one process."""
        for row in range(SLOTS):
            self._cells[row * self.columns + number] = 0
        return ProcessConnections(self, number)

    def count(self, key: str) -> int:
        """The number of open connections of this client in all processes."""
        start = self._row(key) * self.columns
        return sum(self._cells[start : start + self.columns])

    def add(self, key: str, column: int, change: int) -> None:
        self._cells[self._row(key) * self.columns + column] += change

    def _row(self, key: str) -> int:
        return crc32(self._salt + key.encode()) % SLOTS


class ProcessConnections:
    """The connections of one process."""

    def __init__(self, table: ConnectionTable, column: int) -> None:
        self._table, self._column = table, column
        self.total = 0

    def count(self, address: str) -> int:
        """The number of open connections of this client in all processes."""
        return self._table.count(customer(address))

    def opened(self, address: str) -> None:
        self.total += 1
        self._table.add(customer(address), self._column, 1)

    def closed(self, address: str) -> None:
        self.total -= 1
        self._table.add(customer(address), self._column, -1)
