"""Run many slow calls at once, such as requests to an object store."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_ahead(
    call: Callable[[Item], Result], items: Iterable[Item], *, jobs: int
) -> Iterator[tuple[Item, "Future[Result]"]]:
    """Yield each item with its result, in order. Up to `jobs` calls run at once, which limits memory."""
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    with ThreadPoolExecutor(jobs) as threads:
        try:
            for item in items:
                waiting.append((item, threads.submit(call, item)))
                if len(waiting) > jobs:
                    yield waiting.popleft()
            yield from waiting
        finally:
            threads.shutdown(cancel_futures=True)
