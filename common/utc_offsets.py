"""Offsets from UTC as people read them. No Django here: documents print them too."""

from datetime import datetime


def print_offset(local: datetime) -> str:
    """The offset of an aware time at that very instant: "UTC+08:00"."""
    offset = f"{local:%z}"
    return f"UTC{offset[:3]}:{offset[3:5]}"
