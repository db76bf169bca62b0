"""A page as a browser takes it apart: its marks, where it leads, and what its forms would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

LEADS = ("href", "action", "formaction")
NEVER_SENT = {"submit", "button", "image", "reset", "file"}


@dataclass(slots=True)
class Form:
    """`fields` as they stand on the page; `buttons` are the named ones, of which one is sent."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def put(self, name: str | None, value: str | None) -> None:
        if name:
            self.fields.setdefault(name, []).append(value or "")


class Marks(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[Form] = []
        self.inline: list[str] = []
        """Texts of scripts and styles that stand in the page itself."""
        self._within: dict[str, dict] = {}
        self._open: Form | None = None
        self._text = ""
        self.feed(text)
        self.close()

    def leads_to(self, base: str) -> set[str]:
        """The paths of all links, forms and buttons of the page at `base`."""
        found = {given[name] or "" for _, given in self.all for name in LEADS if name in given}
        return {urlsplit(urljoin(base, lead)).path for lead in found}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        self.all.append((tag, given))
        if tag == "form":
            self._open = Form((given.get("method") or "get").lower(), given.get("action") or "")
            self.forms.append(self._open)
        if tag in ("select", "textarea", "script", "style"):
            self._within[tag], self._text = given, ""
        if self._open is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict) -> None:
        kind, form = given.get("type") or "text", self._open
        if "disabled" in given or form is None:
            return
        if tag == "button" or (tag == "input" and kind in NEVER_SENT):
            if given.get("name"):
                (form.files if kind == "file" else form.buttons).append(
                    given["name"] if kind == "file" else (given["name"], given.get("value") or "")
                )
        elif tag == "input" and (kind not in ("checkbox", "radio") or "checked" in given):
            form.put(given.get("name"), given.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "option" and "select" in self._within and "selected" in given:
            form.put(self._within["select"].get("name"), given.get("value"))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        opened = self._within.pop(tag, None)
        if tag == "textarea" and opened is not None and self._open is not None:
            self._open.put(opened.get("name"), self._text.removeprefix("\n"))
        if tag in ("script", "style") and opened is not None and "src" not in opened and self._text.strip():
            self.inline.append(f"<{tag} {opened}>{self._text[:80]}")
        if tag == "form":
            self._open = None
