"""What the threads of a process share may be used by all of them at once, the first time too."""

import os
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import core
from django.conf import settings
from pyhanko.pdf_utils.reader import PdfFileReader

from contracts import sealing
from contracts.sealing import asn1, canary, key
from contracts.sealing.trust import judge, trust

THREADS = 16
FIRST_READS = """
import sys, threading
sys.path[:0] = [{base!r}]
import django
from django.conf import settings
django.setup()
settings.SEAL_P12, settings.SEAL_P12_PASSPHRASE, settings.SEAL_ALLOW_TEST = {seal!r}, "", True
from contracts.sealing import key
from contracts.sealing.trust import trust
sys.setswitchinterval(1e-7)
failed = []
def read(start):
    start.wait()
    try:
        trust()
    except BaseException as error:
        failed.append(repr(error))
for _ in range(100):
    key.seal_in_file.cache_clear()
    key.configured_seal()  # loaded when the process starts, and first used by several threads
    start = threading.Barrier({threads})
    threads = [threading.Thread(target=read, args=(start,)) for _ in range({threads})]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
print(len(failed), failed[:3], file=sys.stderr)
sys.exit(bool(failed))
"""
FIRST_CONVERSIONS = """
import sys, threading
sys.path[:0] = [{base!r}]
import django
from django.conf import settings
django.setup()
settings.SEAL_P12, settings.SEAL_P12_PASSPHRASE, settings.SEAL_ALLOW_TEST = {seal!r}, "", True
from contracts import sealing
from contracts.sealing import canary
sys.setswitchinterval(1e-6)
start, failed = threading.Barrier({threads}), []
def convert():
    document = canary._trial_document()
    start.wait()
    try:
        sealed = sealing.seal(document, number="TRIAL", issuer_name="Threads")
        sealing.validate_seal(sealed, draft=document)
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=convert) for _ in range({threads})]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(failed[:3], file=sys.stderr)
sys.exit(bool(failed))
"""
DESCRIBE = """
import sys, threading
sys.path[:0] = [{base!r}]
import django
django.setup()
from django.test import RequestFactory
from api.root import SchemaView
sys.setswitchinterval(1e-6)
start, failed = threading.Barrier(4), []
def describe():
    request = RequestFactory().get("/api/v1/schema/")
    start.wait()
    try:
        assert SchemaView.as_view()(request).status_code == 200
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=describe) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(failed[:3], file=sys.stderr)
sys.exit(bool(failed))
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize("script", [FIRST_READS, FIRST_CONVERSIONS, DESCRIBE], ids=["reads", "conversions", "schemas"])
def test_the_first_ones_of_a_fresh_process_at_once(script, tmp_path):
    code = script.format(base=str(settings.BASE_DIR), seal=settings.SEAL_P12, threads=THREADS)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_asn1_class_is_set_up_before_there_are_threads():
    test_module = "tests."
    late = [cls for cls in asn1._subclasses(core.Asn1Value) if cls not in core._SETUP_CLASSES]
    assert [cls for cls in late if cls is not core.Choice and not cls.__module__.startswith(test_module)] == []


def test_sealing_and_validating_write_nothing_into_what_is_shared(clock):
    trusted, loaded = trust(), key.configured_seal()
    shared = (loaded.chain, loaded.timestamp_roots, loaded.signer, trusted.roots, trusted.crls)
    before = contents_of(shared)
    document = canary._trial_document()
    sealed = sealing.seal(document, number="TRIAL", issuer_name="Threads")
    sealing.validate_seal(sealed, draft=document)
    [signature] = PdfFileReader(BytesIO(sealed)).embedded_signatures
    assert judge(signature, trusted).trusted
    assert before
    assert {id_: kept for id_, kept in contents_of(shared).items() if before.get(id_) != kept} == {}


def contents_of(value: Any) -> dict[int, tuple[str, Any]]:
    """Id → type and contents of every object below `value` that code could write into."""
    found: dict[int, tuple[str, Any]] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        inner = parts_of(one)
        if inner is None or id(one) in found:
            continue
        found[id(one)] = type(one).__name__, [plain if plain is not None else id(part) for plain, part in inner]
        waiting += [part for plain, part in inner if plain is None]
    return found


def parts_of(value: Any) -> list[tuple[Any, Any]] | None:
    """Pairs of what is plain (else None) and the part; None for a value that nothing can be written into."""
    if isinstance(value, list | tuple):
        parts = list(value)
    elif isinstance(value, dict):
        parts = [part for pair in value.items() for part in pair]
    elif isinstance(value, core.Asn1Value) or type(value).__module__.startswith(("pyhanko", "contracts")):
        parts = [part for pair in getattr(value, "__dict__", {}).items() for part in pair]
    else:
        return None
    plain = bytes | str | int | bool | float
    return [(repr(part) if isinstance(part, plain) or part is None else None, part) for part in parts]
