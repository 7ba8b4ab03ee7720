"""The accounts of all endpoints of this process, for pyspnego's acceptor of NTLM.

It reads them from the file that NTLM_USER_FILE names, and from nowhere else: one file for the process, with the hashes
of passwords that were made up for practice, readable by this user only.
"""

import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from spnego._ntlm_raw.crypto import ntowfv1  # OpenSSL 3 has no MD4 any more; pyspnego has its own

_FILE = "NTLM_USER_FILE"
_lock = threading.Lock()


def enter_accounts(users: Mapping[str, str]) -> None:
    r"""`DOMAIN\user` or `user` with its password. A name that is there already gets the new password."""
    with _lock:
        path = _file()
        known = dict(line.split(":", 1) for line in path.read_text(encoding="utf-8").splitlines())
        for name, password in users.items():
            # as smbpasswd has them: UID:LM:NT:FLAGS:CHANGED; a password may hold what parts the fields
            known[name] = f"0:{'0' * 32}:{ntowfv1(password).hex().upper()}:[U]:LCT-00000000"
        path.write_text("".join(f"{name}:{rest}\n" for name, rest in known.items()), encoding="utf-8")


def _file() -> Path:
    if found := os.environ.get(_FILE):
        return Path(found)
    folder = tempfile.mkdtemp(prefix="msp-ops-accounts-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "accounts"
    path.touch(mode=0o600)
    os.environ[_FILE] = str(path)
    return path
