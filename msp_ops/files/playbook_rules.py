"""Steps that Ansible does: what must fit together, told before anybody is asked for anything."""

import re
from pathlib import Path

from msp_ops.domain.filling import places
from msp_ops.domain.parameters import OtherHost
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import FULL_NAME, PLAYBOOKS, AnsibleStep, ModuleStep, PlaybookStep, is_look
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.collections import why_no_module, why_no_playbook
from msp_ops.files.document import Document, Where
from msp_ops.files.playbook_file import encrypted_files, questions_of

GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
KEPT_GROUPS = ("all", "localhost", "ungrouped")


def check_ansible(document: Document, runbook: Runbook, where: Where, step: AnsibleStep) -> None:
    """Complains of what cannot be run as it is."""
    key = [*where, step.kind]
    if where[0] == "verify" and not is_look(step):
        document.complain([*where, "changes"], "verify only looks; a module that changes belongs into steps")
    elif not runbook.changes and not is_look(step):
        document.complain(key, f"a {step.kind} may change a host, the runbook's impact is read-only")
    if isinstance(step, ModuleStep):
        _check_module(document, runbook, where, step)
    else:
        _check_playbook(document, runbook, where, step)


def _check_module(document: Document, runbook: Runbook, where: Where, step: ModuleStep) -> None:
    """The module must be there, and its arguments want only what the runbook has."""
    key = [*where, "module"]
    if FULL_NAME.fullmatch(step.module) is None:
        right = f"ansible.builtin.{step.module}" if "." not in step.module else "namespace.collection.module"
        document.complain(key, f"'{step.module}' is not the full name of a module; right would be {right}")
    elif why := why_no_module(step.module, document.path.parent):
        document.complain(key, why)
    known = variables_of(runbook)
    for place, variable in places(step.arguments):
        inside = [*where, "arguments", *place]
        if variable is None:
            words = "an argument is no template; only the places of parameters are filled, as {{ name }}; "
            document.complain(inside, f"{words}what needs more is a playbook")
        elif variable not in known:
            hint = did_you_mean(variable, known)
            document.complain(
                inside, f"there is no parameter '{variable}'; parameters: {listed(runbook.parameters)}{hint}"
            )


def _check_playbook(document: Document, runbook: Runbook, where: Where, step: PlaybookStep) -> None:
    key = [*where, "playbook"]
    for name in step.groups:
        if GROUP.fullmatch(name) is None or name in KEPT_GROUPS:
            document.complain_of_key([*where, "groups", name], f"'{name}' cannot be the name of a group in Ansible")
    if step.of_collection:
        if why := why_no_playbook(step.file, document.path.parent):
            document.complain(key, why)
    elif not step.file.endswith(PLAYBOOKS) or step.file == "runbook.yaml":
        right = "a .yml file of this folder, or a playbook of a collection, such as acme.base.site"
        document.complain(key, f"'{step.file}' is no playbook; right is {right}")
    elif (document.path.parent / step.file).is_file():
        _check_content(document, runbook, key, step)


def variables_of(runbook: Runbook) -> set[str]:
    """The names by which steps know the parameters, and what else a run tells them."""
    addresses = {f"{name}_address" for name, each in runbook.parameters.items() if isinstance(each, OtherHost)}
    return {name.replace("-", "_") for name in (*runbook.parameters, *addresses, "msp_kept")}


def _check_content(document: Document, runbook: Runbook, key: Where, step: PlaybookStep) -> None:
    folder = document.path.parent
    try:
        asked = list(questions_of(folder / step.file))
    except ValueError as error:
        document.complain(key, str(error))
        return
    known = variables_of(runbook)
    for question in asked:
        if question.variable not in known and not question.has_default:
            whom = f"{_short(question.place, folder)}: it asks for '{question.variable}', and nobody is there to answer"
            document.complain(key, f"{whom}; make {question.variable} a parameter of this runbook")
    if step.vault_password is None and (locked := next(encrypted_files(folder), None)):
        said = f"{locked.relative_to(folder)} is encrypted by ansible-vault, and nobody gives its password"
        document.complain(key, f"{said}; add vault_password: env:NAME to this step")


def _short(place: str, folder: Path) -> str:
    return place.removeprefix(f"{folder}/")
