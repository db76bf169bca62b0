"""Backup and restore. A backup holds the database as of one instant, and every file that its rows name.

    PLACE/files/…                  the stored files under their storage names, shared by all backups
    PLACE/2026-11-25T10-00-00Z/    one backup: database.dump, files.sha256, and manifest.json, which is written last

A place is a folder or a bucket. The names of encrypted files end with .age. The database is dumped before the
files are copied. A file is stored before its row is committed and never changes afterwards, so every file that the dump
names exists when the files are copied (docs/decisions/0019, 0044).
"""

from contracts.operations.backup.errors import BackupError

__all__ = ["BackupError"]
