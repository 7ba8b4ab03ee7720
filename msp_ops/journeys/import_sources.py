"""From a file of another program to drafts of hosts: the kind is said, or told by what the file looks like."""

import json
import re
from pathlib import Path
from typing import Literal

from msp_ops.domain.errors import FileError, NotPermitted
from msp_ops.domain.record import record
from msp_ops.files.import_ansible import is_listing, read_listing, top_groups
from msp_ops.files.import_csv import looks_like_table, read_table
from msp_ops.files.import_draft import Found, Remark, gathered
from msp_ops.files.import_places import Places
from msp_ops.files.import_ssh_config import Answer, copy_without_commands, drafts_of, read_answer
from msp_ops.files.import_text import read_included, read_inventory, read_source
from msp_ops.journeys.import_programs import LIMITS, Limits, ask_ssh, list_inventory, private_folder

Kind = Literal["ansible", "ssh-config", "csv"]
SSH_LINE = re.compile(r"^\s*(?:Host|Match|Include)[\s=]+\S", re.MULTILINE | re.IGNORECASE)
ENDINGS: dict[str, Kind] = {
    ".csv": "csv", ".tsv": "csv", ".ini": "ansible", ".yml": "ansible", ".yaml": "ansible", ".json": "ansible",
    ".toml": "ansible",
}  # fmt: skip
MOST_ALIASES = 5000


@record
class Taken:
    """What a source holds; `tops`: the groups right below `all`."""

    kind: Kind
    found: Found
    tops: tuple[str, ...] = ()


def take(path: Path, kind: Kind | None, limits: Limits = LIMITS) -> Taken:
    """Reads, and writes nothing. Raises FileError; NotPermitted when a program that is needed is not installed."""
    if not path.exists():
        raise FileError(f"there is no file {path}")
    kind = kind or guess_kind(path)
    match kind:
        case "csv":
            return Taken(kind=kind, found=read_table(read_source(path), str(path)))
        case "ssh-config":
            return Taken(kind=kind, found=_take_ssh(path))
        case "ansible":
            return _take_ansible(path, limits)


def guess_kind(path: Path) -> Kind:
    """By the ending, else by the first lines."""
    if path.is_dir():
        return "ansible"
    if known := ENDINGS.get(path.suffix.lower()):
        return known
    text = read_source(path)
    if SSH_LINE.search(text) and not re.search(r"^\s*\[", text, re.MULTILINE):
        return "ssh-config"
    return "csv" if looks_like_table(text) else "ansible"


def _take_ansible(path: Path, limits: Limits) -> Taken:
    if path.suffix == ".json" and is_listing(listing := _json(read_source(path), str(path))):
        texts = {str(path): read_source(path)}
        return Taken(kind="ansible", found=read_listing(listing, Places(texts)), tops=top_groups(listing))
    source = read_inventory(path)
    output, warnings = list_inventory(source, limits)
    listing = _json(output, str(path))
    places = Places({str(source.folder / name): text for name, text in source.texts.items()})
    found = read_listing(listing, places)
    told = gathered([*found.remarks, *source.remarks, *warnings])
    return Taken(kind="ansible", found=Found(hosts=found.hosts, remarks=told), tops=top_groups(listing))


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FileError(f"{name}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from error
    except RecursionError as error:
        raise FileError(f"{name}: too many levels deep") from error


def _take_ssh(path: Path) -> Found:
    top = path.parent
    copied = copy_without_commands(
        read_source(path), str(path), lambda pattern, includer: read_included(pattern, includer, top)
    )
    if len(copied.aliases) > MOST_ALIASES:
        raise NotPermitted(f"{path} names {len(copied.aliases)} hosts; at most {MOST_ALIASES} are taken at once")
    with private_folder() as folder:
        configuration = folder / "config"
        configuration.write_text(copied.text)
        known: dict[str, Answer] = {}

        def ask(alias: str) -> Answer:
            if alias not in known:
                known[alias] = read_answer(ask_ssh(configuration, alias, copied.places))
            return known[alias]

        answers = [(alias, where, ask(alias)) for alias, where in copied.aliases.items()]
        read = list(drafts_of(answers, ask))
    remarks = [*copied.remarks, *(each for each in read if isinstance(each, Remark))]
    return Found(hosts=tuple(each for each in read if not isinstance(each, Remark)), remarks=gathered(remarks))
