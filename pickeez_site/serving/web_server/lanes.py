"""Which requests share threads: each kind has its own few, so that nothing heavy or slow starves the rest."""

import re
from collections import OrderedDict, deque
from contextlib import suppress
from enum import Enum
from http import HTTPStatus

from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

from pickeez_site.serving.web_server.limits import MAX_WAITING
from pickeez_site.serving.web_server.parser import Parser

LARGE_BODY = 256 * 1024
SMALL_SECONDS = 0.2  # of a core
MAX_REMEMBERED = 4096


class Lane(Enum):
    """The values are a name and the number of threads in each process."""

    PROBE = "probe", 1
    QUICK = "quick", 4
    HEAVY = "heavy", 1  # long lists keep a core busy; a second one at a time would only delay the quick
    SLOW = "slow", 5  # what waits for the storage, a worker or another server, and the operators' pages
    PASSWORD = "password", 1  # a hash takes half a second of a core, by design

    @property
    def threads(self) -> int:
        return self.value[1]


# The first that fits the method and path decides; all else is quick.
LANES = [
    (Lane.PROBE, r"\w+ /(ping|healthz|readyz|metrics)/?"),
    (Lane.PASSWORD, r"POST /admin/(login|password_change|accounts/user/(add|[^/]+/password))/"),
    (Lane.SLOW, r"\w+ /(uploads/.*|fb|fb_enter|fb_enter_browser|gallery/sign-in/provider/.*|admin/.*)"),
    (Lane.SLOW, r"POST /(photos|(gallery/)?me/selfie|(v1/)?group/[^/]+/photo|images/(images|add-folder))/?"),
    (Lane.SLOW, r"(POST|PATCH|PUT) /gallery/albums/[^/]+/(add|uploads)/.*"),
    (Lane.HEAVY, r"\w+ /((albums|users)/algo/.*|images/generate-thumbnails|api/.*)/?"),
    (Lane.HEAVY, r"(GET|HEAD) /(albums/[^/]+|images/[^/]+|tag/.*|people)/?"),
    (Lane.HEAVY, r"(GET|HEAD) /(v1/)?group(/[^/]+(/photo)?)?/?"),
    (Lane.HEAVY, r"(GET|HEAD) /gallery/(albums/[^/]+/((me|liked|people)/.*)?|trash/)?"),
]
_COMPILED = [(lane, re.compile(pattern, re.IGNORECASE)) for lane, pattern in LANES]


def lane_of(request: Parser) -> Lane:
    """The lane of a request; of one with a large body, which is copied and hashed, always a slow one."""
    if request.error:
        return Lane.PROBE  # answered at once, without the application
    line = f"{request.command} {request.path}"
    lane = next((lane for lane, pattern in _COMPILED if pattern.fullmatch(line)), Lane.QUICK)
    body = request.body_rcv
    return Lane.SLOW if lane is Lane.QUICK and body is not None and len(body) > LARGE_BODY else lane


class SmallAnswers:
    """Which of the requests that may be heavy were not, the last time that this caller made them.

    An album of ten photos need not wait behind one of 4,000.
    """

    def __init__(self) -> None:
        self._small: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, request: Parser) -> bool:
        return _identity(request) in self._small

    def note(self, request: Parser, seconds: float) -> None:
        """Remembers a request that has taken so much time of a core."""
        key = _identity(request)
        self._small.pop(key, None)
        if seconds < SMALL_SECONDS:
            self._small[key] = None
        if len(self._small) > MAX_REMEMBERED:
            with suppress(KeyError):  # another thread did it
                self._small.popitem(last=False)


def _identity(request: Parser) -> int:
    headers = request.headers
    return hash((request.command, request.request_uri, headers.get("AUTHORIZATION"), headers.get("COOKIE")))


class FairQueue:
    """Channels that wait, taken in turn from each client, so that one with many requests delays others by one."""

    def __init__(self) -> None:
        self._clients: dict[str, deque[HTTPChannel]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, channel: HTTPChannel) -> None:
        key = channel.requests[0].headers.get("AUTHORIZATION") or str(channel.addr[0])
        self._clients.setdefault(key, deque()).append(channel)
        self._length += 1

    def popleft(self) -> HTTPChannel:
        key = next(iter(self._clients))
        waiting = self._clients.pop(key)
        channel = waiting.popleft()
        if waiting:
            self._clients[key] = waiting  # behind all others
        self._length -= 1
        return channel


class LaneThreads(ThreadedTaskDispatcher):
    """The threads of one lane."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.queue = FairQueue()
        self.set_thread_count(threads)

    def add_task(self, channel: HTTPChannel) -> None:
        with self.lock:
            self.queue.append(channel)
            self.queue_cv.notify()


class Lanes:
    """All lanes of a process. waitress hands every channel with a whole request to `add_task`."""

    def __init__(self) -> None:
        self._lanes = {lane: LaneThreads(lane.threads) for lane in Lane}
        self.small = SmallAnswers()

    def add_task(self, channel: HTTPChannel) -> None:
        request: Parser = channel.requests[0]
        lane = lane_of(request)
        if lane is Lane.HEAVY and request in self.small:
            lane = Lane.QUICK
        if lane is not Lane.PROBE and len(self._lanes[lane].queue) >= MAX_WAITING:
            request.refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            lane = Lane.PROBE
        self._lanes[lane].add_task(channel)

    def shutdown(self) -> None:
        """Drops what waits, and lets go of the threads."""
        for lane in self._lanes.values():
            lane.shutdown(timeout=0.2)
