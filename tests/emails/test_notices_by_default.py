"""Without any setting, emails are printed and nothing leaves the machine."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEND = "from django.core.mail import send_mail; send_mail('Voided', 'It is voided.', None, ['li@customer.example'])"


def test_the_console_is_the_default_backend(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}

    printed = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", SEND],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert "From: contracts@localhost\nTo: li@customer.example" in printed
    assert "It is voided." in printed
