"""A mail server that may keep a sender waiting for its answer."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.url = f"smtp://127.0.0.1:{self.server_address[1]}"
        self.taken: list[str] = []
        """The Message-ID of every email, in the order in which they came."""
        self.silent_at = 0
        """The email that is taken and not answered: the first, the second, …; 0 for none."""


class Conversation(socketserver.StreamRequestHandler):
    """SMTP as far as a client needs it to send."""

    server: MailServer

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                self.server.taken.append(self._message_id())
                if len(self.server.taken) == self.server.silent_at:
                    self.rfile.readline()  # nothing comes until the sender gives up, or is killed
                    return
            self._say("221 bye" if word == b"QUIT" else "250 ok")

    def _message_id(self) -> str:
        text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
        return re.search(r"^Message-ID:\s*(\S+)", text, re.MULTILINE | re.IGNORECASE)[1]

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
