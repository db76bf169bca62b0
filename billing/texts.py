import unicodedata


def one_line(text: str) -> str:
    """`text` on one line, without control and format characters: what cannot be seen must not stand for a detail."""
    seen = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf"})
    return " ".join("".join(seen).split())
