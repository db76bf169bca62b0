"""What `/metrics` says, read back by Prometheus's own parser."""

from typing import Any

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "t" * 32


class Figures:
    """Name and labels → value, of one answer."""

    def __init__(self, text: str) -> None:
        families = text_string_to_metric_families(text)
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def get(self, name: str, **labels: Any) -> float:
        """0 where there is no such figure."""
        return self._samples.get((name, frozenset((key, str(value)) for key, value in labels.items())), 0)

    def names(self) -> set[str]:
        return {name for name, _labels in self._samples}

    def labelled(self, name: str) -> dict[str, float]:
        """The values of a figure that has one label, by it."""
        return {next(iter(labels))[1]: value for (known, labels), value in self._samples.items() if known == name}


def figures() -> Figures:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.content
    return Figures(answer.text)
