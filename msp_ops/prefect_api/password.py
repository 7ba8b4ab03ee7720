"""The one password of the embedded Prefect server: whoever has it can run code as the service's user."""

import os
import secrets
from pathlib import Path

from msp_ops.prefect_api.errors import ServiceError

USER = "msp-ops"


def read_password(file: Path) -> str:
    """`user:password` as Prefect takes it; ServiceError when the file is missing or others may read it."""
    try:
        mode = file.stat().st_mode & 0o777
        auth = file.read_text("ascii").strip()
    except OSError as error:
        raise ServiceError(f"{file}: {error.strerror}; msp-ops up makes it at its first start") from error
    if mode & 0o077:
        raise ServiceError(f"{file} has mode {mode:04o}, so others can read Prefect's password; chmod 600 {file}")
    return auth


def ensure_password(file: Path) -> str:
    """Made once, 32 random bytes, mode 0600 from the first moment."""
    if not file.exists():
        # a crash between create and write must not leave an empty password
        made = file.with_suffix(".new")
        made.unlink(missing_ok=True)
        with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as writing:
            writing.write(f"{USER}:{secrets.token_urlsafe(32)}\n")
        made.rename(file)
    return read_password(file)
