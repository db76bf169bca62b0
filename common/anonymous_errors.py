"""Describe errors for operators and logs without what they may quote: names, addresses, customers' texts."""

import smtplib

from common.errors import Refused

MAX_DESCRIPTION_CHARS = 500
SERVER_LIBRARIES = ("botocore", "boto3", "redis")
"""Packages whose error messages name servers, buckets and causes only."""


def describe_error_anonymously(error: BaseException) -> str:
    """Return the error's type and, where it cannot contain personal data, the cause.

    A mail server's text may contain names and addresses: only its status code is kept.
    """
    name = type(error).__name__
    if isinstance(error, Refused):
        return f"{name} {error.code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return " ".join([name, *(str(code) for code, _text in error.recipients.values())])
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} {error.smtp_code}"
    is_of_a_server = isinstance(error, OSError) or type(error).__module__.startswith(SERVER_LIBRARIES)
    return f"{name}: {error}"[:MAX_DESCRIPTION_CHARS] if is_of_a_server else name
