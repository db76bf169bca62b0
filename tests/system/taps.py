"""A connection to a server that can be made to hang, as the server or the network between may."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Tap:
    """Hands on what is sent to a port of its own, in both directions, unless it is told to hang."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._flows = threading.Event()
        self._flows.set()
        self._ended = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hang(self) -> None:
        """Accept connections, and hand nothing on."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def close(self) -> None:
        self._ended = True
        self.flow()
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _address = self._door.accept()
                threading.Thread(target=self._hand_on, args=(near,), daemon=True).start()

    def _hand_on(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self._to))
        with suppress(OSError), near, far, selectors.DefaultSelector() as waiting:
            for source, sink in ((near, far), (far, near)):
                waiting.register(source, selectors.EVENT_READ, sink)
            while not self._ended:
                for key, _events in waiting.select(timeout=0.5):
                    self._flows.wait()
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)


@contextmanager
def tapped(port: int) -> Iterator[Tap]:
    tap = Tap(port)
    try:
        yield tap
    finally:
        tap.close()
