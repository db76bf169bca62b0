"""Backup and restore: a folder that holds the database as of one instant and every file that it names.

    FOLDER/files/…                  the stored files under their names in the storage, shared by all backups
    FOLDER/2026-11-25T10-00-00Z/    one backup: database.dump, files.sha256, and manifest.json, which is written last

The database comes first and the files after it: a file is in the storage before its row is committed, and is never
changed afterwards, so what the dump names is there when the files are copied (docs/decisions/0019).
"""

from contracts.operations.backup.errors import BackupError

__all__ = ["BackupError"]
