"""What `/metrics` says, read back by Prometheus's own parser."""

from typing import Any

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "t" * 32


class Figures:
    """Name and labels → value, of one answer."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)

    def _samples(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        """Labels → value. Only the lines that begin with the name are parsed: all of them take long."""
        lines = "".join(line for line in self._lines if line.startswith(name))
        samples = [sample for family in text_string_to_metric_families(lines) for sample in family.samples]
        return {frozenset(sample.labels.items()): sample.value for sample in samples if sample.name == name}

    def get(self, name: str, **labels: Any) -> float:
        """0 where there is no such figure."""
        return self._samples(name).get(frozenset((key, str(value)) for key, value in labels.items()), 0)

    def names(self) -> set[str]:
        families = text_string_to_metric_families("".join(self._lines))
        return {sample.name for family in families for sample in family.samples}

    def labelled(self, name: str) -> dict[str, float]:
        """The values of a figure that has one label, by it."""
        return {next(iter(labels))[1]: value for labels, value in self._samples(name).items()}


def figures() -> Figures:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.content
    return Figures(answer.text)
