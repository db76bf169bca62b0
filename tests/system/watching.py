"""Somebody who asks for the same page again and again while something else goes wrong."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PAUSE = 0.02


@dataclass
class Watched:
    """Status of each answer (0: none came) and the seconds that it took."""

    answers: list[tuple[int, float]] = field(default_factory=list)

    @property
    def statuses(self) -> set[int]:
        return {status for status, _seconds in self.answers}

    def figures(self) -> str:
        took = sorted(seconds for _status, seconds in self.answers)
        said = ", ".join(f"{count} × {status}" for status, count in sorted(Counter(s for s, _ in self.answers).items()))
        return f"{said}; median {took[len(took) // 2] * 1000:.0f} ms, slowest {took[-1] * 1000:.0f} ms"


@contextmanager
def watched(ask: Callable[[], int], *, at_once: int = 1) -> Iterator[Watched]:
    """`at_once` people call `ask`, which returns a status, until the block ends."""
    seen, ended = Watched(), threading.Event()

    def go_on() -> None:
        while not ended.is_set():
            began = time.monotonic()
            try:
                status = ask()
            except Exception:
                status = 0
            seen.answers.append((status, time.monotonic() - began))
            ended.wait(PAUSE)

    threads = [threading.Thread(target=go_on) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join()
