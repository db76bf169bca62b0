class BackupError(Exception):
    """Why a backup or a restore cannot go on: sentences for the operator."""
