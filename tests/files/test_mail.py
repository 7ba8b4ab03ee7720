"""`mail:` of `msp.yaml`: the page's own words are sound, a password is never among them."""

import re
from pathlib import Path

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.files.workspace import load_msp
from tests.files.cast import spoil, write

ROOT = Path(__file__).parents[2]
(MAIL,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "outbox.md").read_text(encoding="utf-8"), re.DOTALL)
SOUND = f"name: Northwind IT\ncontact: desk\n{MAIL}"
MISTAKES = [
    ("env:SMTP_PASSWORD", "hunter2x", "a secret or something else that is no reference stands here"),
    ("tls: starttls", "tls: maybe", "right is starttls, tls, none"),
    ("sender: desk@northwind.example", "sender: desk", "'desk' is not a mail address"),
    ("587", "70000", "70000 is out of bounds"),
    ("smtp.northwind.example", "https://smtp", "is neither an IP address nor a host name"),
]


def test_the_mail_of_the_page_is_sound(tmp_path: Path) -> None:
    write(tmp_path / "msp.yaml", SOUND)
    mail = load_msp(tmp_path).mail
    assert mail is not None
    assert (mail.server, mail.port, mail.tls, mail.password) == (
        "smtp.northwind.example",
        587,
        "starttls",
        "env:SMTP_PASSWORD",
    )


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_one_wrong_word_is_told_and_a_secret_is_not_repeated(tmp_path: Path, old: str, new: str, said: str) -> None:
    write(tmp_path / "msp.yaml", spoil(SOUND, old, new))
    with pytest.raises(FileError) as caught:
        load_msp(tmp_path)
    assert said in str(caught.value)
    assert "hunter2x" not in str(caught.value).partition("\n")[0]
