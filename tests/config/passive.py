"""What a passive scanner looks at in an answer that it was given anyway: the rules of ZAP's that concern us, by id."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.http import HttpResponse

VOID = re.compile(r"Traceback \(most recent|DEBUG = True|/site-packages/|django\.(db|core)\.|SELECT .+ FROM ")
PRIVATE_ADDRESS = re.compile(r"\b(10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+)\b")
SECRET_IN_ADDRESS = re.compile(r"[?&](password|token|sessionid|csrfmiddlewaretoken|key|secret)=", re.IGNORECASE)


@dataclass
class Page(HTMLParser):
    """The links, sources and forms of a page."""

    text: str
    links: list[dict[str, str | None]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    forms: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(given)
        elif tag == "form":
            self.forms.append({**given, "fields": []})
        elif tag == "input" and self.forms:
            self.forms[-1]["fields"].append(given.get("name"))
        if tag != "a":
            self.sources += [value for name in ("src", "href") if (value := given.get(name))]

    def addresses(self, base: str) -> list[str]:
        """Where its links lead, within this site."""
        hrefs = [urldefrag(urljoin(base, link.get("href") or ""))[0] for link in self.links]
        return [href for href in hrefs if href.startswith("/")]


def findings(answer: HttpResponse, *, private: bool) -> set[str]:
    """Ids and names of the rules that the answer breaks. `private`: it is for somebody who is signed in."""
    found = _headers(answer) | _cookies(answer)
    if private and "no-store" not in answer.headers.get("Cache-Control", ""):
        found.add("10015 may be kept by a cache")
    if answer.headers["Content-Type"].startswith("text/html"):
        found |= _html(answer.text)
    return found


def _headers(answer: HttpResponse) -> set[str]:
    policy = answer.headers.get("Content-Security-Policy", "")
    expected = {
        "10020 may be framed": answer.headers.get("X-Frame-Options") == "DENY",
        "10021 type may be guessed": answer.headers.get("X-Content-Type-Options") == "nosniff",
        "10035 no HSTS": "max-age=31536000" in answer.headers.get("Strict-Transport-Security", ""),
        "10038 no policy": "default-src 'none'" in policy,
        "10055 loose policy": not re.search(r"unsafe-|\*|http:|https:", policy),
        "10063 no Permissions-Policy": "Permissions-Policy" in answer.headers,
        "90004 no isolation": answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "10036 says what serves it": not {"Server", "X-Powered-By"} & set(answer.headers),
        "10028 leads away": not urlsplit(answer.headers.get("Location", "")).netloc,
    }
    return {name for name, holds in expected.items() if not holds}


def _cookies(answer: HttpResponse) -> set[str]:
    found = set()
    for name, cookie in answer.cookies.items():
        wrong = {
            "10010 not HttpOnly": not cookie["httponly"],
            "10011 not Secure": not cookie["secure"],
            "10054 no SameSite": cookie["samesite"] not in {"Lax", "Strict"},
            "90033 for other hosts too": bool(cookie["domain"]),
        }
        found |= {f"{rule}: {name}" for rule, is_so in wrong.items() if is_so}
    return found


def _html(text: str) -> set[str]:
    page = Page(text)
    posting = [form for form in page.forms if (form.get("method") or "get").lower() == "post"]
    away = [source for source in page.sources if urlsplit(source).netloc]
    opened = [link for link in page.links if link.get("target") == "_blank"]
    wrong = {
        "10023 says what went wrong inside": VOID.search(text),
        "2 tells an address of ours": PRIVATE_ADDRESS.search(text),
        "10202 a form without its token": [form for form in posting if "csrfmiddlewaretoken" not in form["fields"]],
        "10017 takes something from elsewhere": away,
        "10108 opened pages reach back": [link for link in opened if "noopener" not in (link.get("rel") or "")],
        "10024 a secret in an address": [
            link for link in page.links if SECRET_IN_ADDRESS.search(link.get("href") or "")
        ],
        "10109 posts elsewhere": [form for form in posting if urlsplit(form.get("action") or "").netloc],
    }
    return {name for name, is_so in wrong.items() if is_so}
