class BackupError(Exception):
    """Why a backup or restore failed, as sentences for the operator."""
