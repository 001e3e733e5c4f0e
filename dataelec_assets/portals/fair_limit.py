"""The polite limit of a portal, shared fairly by the sources that are fetched from it at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Condition, Lock
from weakref import WeakValueDictionary

# How often a waiting thread checks whether its work was cancelled, in seconds.
_LOOK_EVERY = 0.5


class NoTurn(Exception):
    """The work was cancelled while it waited."""


class Turns:
    """Lets so many requests pass at a time; the client with the fewest under way is next, then the first to come.

    So when every request of a data set runs into a time limit, the others of its portal wait for one of them, never for
    all.

    Args:
        limit: of requests at a time.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._numbers = count()
        self._waiting: dict[int, int] = {}
        self._under_way: Counter[int] = Counter()
        self._changed = Condition()

    @contextmanager
    def turn(self, of: object, is_called_off: Callable[[], bool]) -> Iterator[None]:
        """Wait for a turn, and hold it for the length of the context.

        Args:
            of: the client; the turns of the same object are counted together.
            is_called_off: asked now and then while waiting.

        Raises:
            NoTurn: the work was cancelled.
        """
        who = id(of)
        with self._changed:
            number = next(self._numbers)
            self._waiting[number] = who
            try:
                while not self._is_next(number):
                    self._changed.wait(_LOOK_EVERY)
                    if is_called_off():
                        raise NoTurn
                self._free -= 1
                self._under_way[who] += 1
            finally:
                del self._waiting[number]
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._under_way[who] -= 1
                self._changed.notify_all()

    def _is_next(self, number: int) -> bool:
        chosen = min(self._waiting.items(), key=lambda each: (self._under_way[each[1]], each[0]))
        return self._free > 0 and chosen[0] == number


_of_portals: WeakValueDictionary[tuple[str, int], Turns] = WeakValueDictionary()
_lock = Lock()


def turns_at(root: str, limit: int) -> Turns:
    """Return the turns at a portal, which all its clients in this process share."""
    with _lock:
        return _of_portals.setdefault((root, limit), Turns(limit))
