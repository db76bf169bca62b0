"""What the documents name is there: pages, pictures, headings, files, commands, targets of make, settings, codes."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from babel.messages.pofile import read_po
from django.core.management import get_commands

from accounts.certification.licence_scans import MAX_LICENCE_BYTES
from api.order_import import MAX_IMPORTED_ORDERS
from billing.bank_statement_csv import MAX_STATEMENT_BYTES, MAX_STATEMENT_LINES
from contracts.eligibility import REASONS
from contracts.pdf.clauses import VARIABLES
from contracts.verification.sandbox.reading import MAX_ARCHIVED_BYTES
from contracts.verification.uploads import MAX_UPLOAD_BYTES
from tests.apps import APPS
from webhooks.event_types import EVENT_TYPES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "tests").rglob("*.md")])
CODE = (*APPS, "tests", "scripts", "benchmarks", "deploy", "static")
FILES = ("Makefile", "Dockerfile", "compose.yaml", "pyproject.toml", ".ci/run")
OURS = APPS
OF_OPENTELEMETRY = {
    *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME", "OTEL_SDK_DISABLED"),
    *("OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"),
}
OF_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SSL_CERT_FILE", *OF_OPENTELEMETRY}
"""Environment variables that a library reads and our code does not name."""
BLOCK = re.compile(r"^ *```[\s\S]*?^ *```$|(?:^ {4}\S.*\n)+", re.MULTILINE)
FILE = re.compile(r"[\w./-]+\.(?:py|sh|md|html|css|js|toml|yaml|txt|po|mo|csv|json)")


@cache
def text_of(page: Path) -> str:
    return page.read_text() + "\n"


def code_of(page: Path) -> list[str]:
    """What stands as code: lines of blocks, and what is in backticks."""
    text = text_of(page)
    lines = [line.strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))


@cache
def anchors_of(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def all_code() -> str:
    files = [path for name in CODE for path in (ROOT / name).rglob("*") if path.suffix in {".py", ".sh", ".js", ".yml"}]
    return "\n".join(path.read_text() for path in [*files, *(ROOT / name for name in FILES)])


def own_commands() -> set[str]:
    return {name for name, app in get_commands().items() if app in OURS}


def targets() -> set[str]:
    return set(re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split())


each_page = pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@each_page
def test_every_link_and_picture_leads_somewhere(document):
    prose = re.sub(r"`[^`\n]+`", "", BLOCK.sub("", text_of(document)))
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            lost.append(link)
    assert lost == []


@each_page
def test_every_file_and_folder_that_is_named_is_there(document):
    paths = [word for word in code_of(document) if "/" in word.strip("/") and word[0] != "/"]
    named = [path for path in paths if FILE.fullmatch(path) or path.endswith("/")]
    ours = [path for path in named if (ROOT / path.split("/")[0]).exists()]  # not those of the reader's own machine
    assert [path for path in ours if not (ROOT / path).exists() and not (document.parent / path).exists()] == []


@each_page
def test_every_command_that_is_named_exists(document):
    named = {name for code in code_of(document) for name in re.findall(r"manage\.py ([a-z]\w+)", code)}
    assert named - set(get_commands()) == set()


@each_page
def test_every_target_of_make_that_is_named_exists(document):
    named = {match[1] for code in code_of(document) if (match := re.match(r"make ([a-z-]+)\b(?!=)", code))}
    assert named - targets() == set()


@each_page
def test_every_setting_that_is_named_exists(document):
    """And every constant: whatever is written in capitals with a line between."""
    named = {name for code in code_of(document) for name in re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", code)}
    assert {name for name in named - OF_LIBRARIES if not re.search(rf"\b{name}\b", all_code())} == set()


def test_every_command_of_ours_is_described():
    """In the table of operations.md, or by a page of its own."""
    described = {word for page in DOCS.rglob("*.md") for code in code_of(page) for word in code.split()}
    assert own_commands() - described == set()


def test_what_operators_are_told_to_look_for_is_what_the_program_says():
    """In the table by symptom: messages with … for what is filled in, problem codes, parts of /readyz, addresses."""
    table = text_of(DOCS / "operations.md").split("## When something is wrong")[1].split("\n## ")[0]
    symptoms = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
    messages = [message for symptom in symptoms for message in re.findall(r"`([^`]+)`", symptom)]
    assert len(messages) > 20
    parts = {part.strip(" :") for message in messages for part in message.split("…")} - {""}
    of_django = {"ImproperlyConfigured", "Invalid HTTP_HOST header"}
    assert {part for part in parts - of_django if part not in all_code() and part.strip("/") not in all_code()} == set()


def test_every_target_of_make_is_described():
    described = {match[1] for code in code_of(DOCS / "development.md") if (match := re.match(r"make ([a-z-]+)", code))}
    assert targets() - described == set()


def test_the_settings_are_those_of_the_table():
    """Those that are read in config/, and no others but OpenTelemetry's own."""
    modules = ("settings", "environment", "backup_settings", "error_reports", "webhook_settings")
    source = "".join((ROOT / "config" / f"{name}.py").read_text() for name in modules)
    read = set(
        re.findall(
            r"(?:database|email|existing|matching|networks|number|required|switch|text|time_zone|words)"
            r'\(\s*"([A-Z0-9_]+)"',
            source,
        )
    )
    first_columns = re.findall(r"^\| (`[^|]+) \|", text_of(DOCS / "settings.md"), re.MULTILINE)
    assert {name for column in first_columns for name in re.findall(r"`(\w+)`", column)} - OF_OPENTELEMETRY == read


def test_the_limits_of_requests_and_files_are_those_of_the_code(settings):
    """In the table of operations.md, which other pages link to, and in what pages and API say."""
    limits = {
        "JSON, forms, files": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "a file to verify, also unpacked": MAX_UPLOAD_BYTES,
        "a licence in a certification request": MAX_LICENCE_BYTES,
        "a bank statement": MAX_STATEMENT_BYTES,
    }
    operations = text_of(DOCS / "operations.md")
    documented = re.findall(r"^\| (.+?) \| (\d+) MB\b", operations, re.MULTILINE)
    assert {what: int(megabytes) * 1024**2 for what, megabytes in documented} == limits
    assert MAX_ARCHIVED_BYTES == MAX_UPLOAD_BYTES
    assert f"| a bank statement | 1 MB, {MAX_STATEMENT_LINES:,} lines |" in operations
    assert f"up to {MAX_IMPORTED_ORDERS:,} orders" in text_of(DOCS / "api.md")
    fixed = {int(size) * 1024**2 for text in labels(chinese=False) for size in re.findall(r"(\d+) MB", text)}
    assert fixed == {MAX_LICENCE_BYTES, MAX_STATEMENT_BYTES}
    other_pages = [page for page in PAGES if page.name not in {"operations.md", "verification-vectors.md"}]
    assert [page.name for page in other_pages if re.search(rf"\b{MAX_UPLOAD_BYTES // 1024**2} MB", text_of(page))] == []


def test_customers_are_told_each_reason_why_an_order_cannot_be_chosen():
    for page in ("customers.md", "customers.zh-hans.md"):
        told = re.findall(r"^\| .* \| `(\w+)` \|$", text_of(DOCS / page), re.MULTILINE)
        assert set(REASONS) - set(told) == set(), page


def test_legal_staff_are_told_each_variable_of_the_clauses():
    told = text_of(DOCS / "back-office" / "legal.md")
    assert [name for name in VARIABLES if f"`{{{name}}}`" not in told] == []


def labels(*, chinese: bool) -> set[str]:
    """What the pages say, with … for what is filled in."""
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as catalogue:
        texts = [message.string if chinese else message.id for message in read_po(catalogue) if message.id]
    return {re.sub(r"%\(\w+\)[sd]", "…", text if isinstance(text, str) else text[0]) for text in texts}


def test_labels_for_customers_are_those_of_the_pages():
    """In English they stand in italics, in Chinese in quotation marks."""
    named = set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", text_of(DOCS / "customers.md")))
    assert named - labels(chinese=False) == set()
    named = set(re.findall(r"“([^”]*[\u4e00-\u9fff][^”]*)”", text_of(DOCS / "customers.zh-hans.md")))
    of_acrobat = {"有效性未知", "首选项", "签名", "身份与可信任证书"}
    assert named - of_acrobat - labels(chinese=True) == set()


def test_every_event_of_webhooks_is_described():
    told = re.findall(r"^\| `([\w.]+)` \|", text_of(DOCS / "webhooks.md"), re.MULTILINE)
    assert set(EVENT_TYPES) - set(told) == set()


@pytest.mark.parametrize("folder", ["", "back-office", "documents"])
def test_every_page_is_listed_for_its_readers(folder):
    listed = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)", text_of(DOCS / "README.md"))}
    assert [page.name for page in (DOCS / folder).glob("*.md") if page.name != "README.md" and page not in listed] == []


def test_each_decision_has_a_number_of_its_own_and_says_what_was_decided():
    pages = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert len(set(numbers)) == len(numbers) > 30
    headings = [re.match(r"# (\d+)\. \S", text_of(page)) for page in pages]
    assert [heading and int(heading[1]) for heading in headings] == numbers
    assert [page.name for page in pages if not re.search(r"\*\*Decision\.\*\*|^\|", text_of(page), re.MULTILINE)] == []
