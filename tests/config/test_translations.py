"""Every text of code and templates is in the Chinese catalogue, translated and compiled; `make messages` collects."""

import ast
import re
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.apps import APPS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"
CODE = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}

with (FOLDER / "django.po").open("rb") as po:
    CATALOGUE = [message for message in read_po(po) if message.id]

Key = tuple[str | None, str]


def key_of(message: Message) -> Key:
    context = message.context.decode() if isinstance(message.context, bytes) else message.context  # so from the .mo
    return context, message.id if isinstance(message.id, str) else message.id[0]


def texts() -> Iterator[tuple[Key, str]]:
    """Every text to be translated, and the file it stands in."""
    for path in CODE + TEMPLATES:
        source = path.read_text()
        if path.suffix == ".html":
            # What is no text became letters; tokens must not trip over the indentation of mark-up.
            source = "\n".join(line.lstrip() for line in templatize(source).splitlines())
        for _, found, _, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            text = found if isinstance(found, str) else found[0]
            yield (context, text), str(path.relative_to(ROOT))


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def placeholders(text: str) -> list[str]:
    return sorted(set(re.findall(r"%(?:\(\w+\))?[sd%]", text)))


def test_every_text_is_in_the_catalogue():
    known = {key_of(message) for message in CATALOGUE}

    assert {f"{where}: {text}" for (context, text), where in texts() if (context, text) not in known} == set()


def test_the_catalogue_holds_nothing_else():
    used = {key for key, _ in texts()}

    assert [key for message in CATALOGUE if (key := key_of(message)) not in used] == []


def test_every_text_is_translated():
    assert [message.id for message in CATALOGUE if message.fuzzy or not all(strings(message))] == []


def test_translations_fill_in_the_same_facts():
    wrong = []
    for message in CATALOGUE:
        text = message.id if isinstance(message.id, str) else message.id[-1]
        wrong += [message.id for string in strings(message) if placeholders(string) != placeholders(text)]

    assert wrong == []


def test_the_compiled_catalogue_is_that_of_the_text():
    with (FOLDER / "django.mo").open("rb") as mo:
        compiled = {key_of(message): strings(message) for message in read_mo(mo) if message.id}

    assert compiled == {key_of(message): strings(message) for message in CATALOGUE if all(strings(message))}


SPOKEN = {"Refused": 1, "Fault": 1, "SealUnavailable": 0, "ValidationError": 0, "success": 1, "warning": 1, "error": 1}
"""What speaks to people, and which of its arguments is the sentence: domain errors, and Django's messages."""
LABELS = ("label", "help_text", "verbose_name")
TO_OPERATORS = {"importing", "management", "demo", "migrations"}
TO_CUSTOMERS = [path for path in CODE if TO_OPERATORS.isdisjoint(path.parts)]


def spoken(call: ast.Call, labels: Collection[str] = LABELS) -> list[ast.expr]:
    """The arguments of a call that people read."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    on_log = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "log"
    said = call.args[SPOKEN[name] :][:1] if name in SPOKEN and not on_log else []
    return [*said, *(keyword.value for keyword in call.keywords if keyword.arg in labels)]


def test_no_sentence_of_the_code_is_english_alone():
    bare = (ast.Constant, ast.JoinedStr)
    alone = []
    for path in TO_CUSTOMERS:
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        labels = () if "api" in path.parts else LABELS  # the API's description is in English, checked in as it is
        said = [said for call in calls for said in spoken(call, labels)]
        alone += [f"{path}:{one.lineno}" for one in said if isinstance(one, bare)]
    assert alone == []


NOT_SHOWN = re.compile(
    r"{% block bodyclass %}.*?{% endblock %}|{% blocktranslate.*?endblocktranslate %}|{%.*?%}|{{.*?}}|{#.*?#}|&[a-z]+;"
    r'|<code>.*?</code>|<(\w+)[^<>]* class="[^"<>]*\bcode\b[^"<>]*"[^<>]*>.*?</\1>|XXXX',
    re.DOTALL,
)
"""What is translated or no text: class names, tags, values, remarks, entities, what stands as code, a code's form."""
SAID = re.compile(r'\b(?:aria-label|alt|title|placeholder|data-label)="([^"]*)"')


def test_a_template_says_nothing_untranslated():
    untranslated = {}
    for template in TEMPLATES:
        page = NOT_SHOWN.sub("", template.read_text())
        shown = [*SAID.findall(page), re.sub(r"<[^>]*>", " ", page)]
        untranslated[template] = re.findall(r"[A-Za-z]{4,}", " ".join(shown))
    assert {template: words for template, words in untranslated.items() if words} == {}
