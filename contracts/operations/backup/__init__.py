"""Backup and restore. A backup folder holds the database as of one instant, and every file that its rows name.

    FOLDER/files/…                  the stored files under their storage names, shared by all backups
    FOLDER/2026-11-25T10-00-00Z/    one backup: database.dump, files.sha256, and manifest.json, which is written last

The database is dumped before the files are copied. A file is stored before its row is committed and never changes
afterwards, so every file that the dump names exists when the files are copied (docs/decisions/0019).
"""

from contracts.operations.backup.errors import BackupError

__all__ = ["BackupError"]
