"""The log as production writes it, to be read by tests."""

import json
import logging
from io import StringIO
from typing import Any

from structlog.contextvars import clear_contextvars

from config.logs import WithoutAddresses, logging_of


class Lines:
    """Listens at the root logger, with the formatter and the filter of production, while the block lasts."""

    def __init__(self) -> None:
        given = logging_of(debug=False)
        line = given["formatters"]["line"]
        self._said = StringIO()
        self._handler = logging.StreamHandler(self._said)
        self._handler.setFormatter(
            line["()"](foreign_pre_chain=line["foreign_pre_chain"], processors=line["processors"])
        )
        self._handler.addFilter(WithoutAddresses())

    def __enter__(self) -> "Lines":
        clear_contextvars()
        logging.getLogger().addHandler(self._handler)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        clear_contextvars()

    @property
    def text(self) -> str:
        return self._said.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.all if line["logger"] == logger]
