"""Format UTC offsets. Does not use Django, because the document renderer imports it."""

from datetime import datetime


def format_utc_offset(local: datetime) -> str:
    """Return the offset of an aware time: "UTC+08:00"."""
    offset = f"{local:%z}"
    return f"UTC{offset[:3]}:{offset[3:5]}"
