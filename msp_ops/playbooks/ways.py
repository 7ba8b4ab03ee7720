"""How ssh reaches each host: pinned keys only, one credential, one try, nobody's own configuration."""

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from msp_ops.domain.client import Credential
from msp_ops.playbooks.errors import PlaybookError
from msp_ops.playbooks.keys import Keys
from msp_ops.secrets.references import Resolve
from msp_ops.transports.base import Target

HOSTS, GATEWAYS, CONFIGURATION = "known_hosts", "known_gateways", "ssh_config"


def ssh_args(folder: Path) -> str:
    """For every connection. ssh takes the first value it sees: whatever a play adds later cannot loosen these."""
    pinned = _options(_strict(folder / HOSTS))
    return shlex.join(
        ["-F", str(folder / CONFIGURATION), *pinned, "-o", "ControlMaster=auto", "-o", "ControlPersist=60s"]
    )


def ssh_configuration(targets: Iterable[Target], folder: Path, keys: Keys) -> str:
    """What differs between hosts, here and not in a variable, which a play could replace. Raises PlaybookError."""
    return "".join(_block(target, folder, keys) for target in targets)


def known_hosts(targets: Iterable[Target]) -> str:
    """The pins of the hosts, and nobody else's. Raises PlaybookError for a host without one."""
    return "".join(_pins(target) for target in targets)


def known_gateways(targets: Iterable[Target]) -> str:
    """The pins of the gateways."""
    gateways = {target.gateway for target in targets if target.gateway}
    return "".join(
        _lines(each.address, each.port, each.host_keys) for each in sorted(gateways, key=lambda each: each.address)
    )


def host_variables(target: Target, keys: Keys, resolve: Resolve) -> Mapping[str, object]:
    """What Ansible is told of one host. Raises PlaybookError, FileError."""
    host, credential = target.host, target.credential
    if host.transport != "ssh":
        raise PlaybookError(f"{target.who} is reached over WinRM; msp-ops runs playbooks over SSH only")
    told: dict[str, object] = {
        "ansible_connection": "ssh",
        "ansible_host": host.address,
        "ansible_port": host.port,
        "ansible_user": credential.user,
    }
    if credential.sudo_password:
        told["ansible_become_password"] = resolve(credential.sudo_password)
    if identity := keys.identity(credential):
        told["ansible_ssh_private_key_file"] = str(identity)
    else:
        told["ansible_password"] = resolve(credential.password or "")
    return told


def _block(target: Target, folder: Path, keys: Keys) -> str:
    """The port tells hosts apart that share an address, behind a router for example."""
    address, port = target.host.address, target.host.port
    options = {**_login(target.credential, keys), **_through_gateway(target, folder, keys)}
    said = "".join(f"  {name} {value}\n" for name, value in options.items())
    return f'Match originalhost "{address}" exec "test %p = {port}"\n{said}'


def _pins(target: Target) -> str:
    if not target.host.host_keys:
        raise PlaybookError(
            f"{target.who} has no pinned host key; look at it and pin it: msp-ops hosts trust {target.who}"
        )
    return _lines(target.host.address, target.host.port, target.host.host_keys)


def _lines(address: str, port: int, pins: Iterable[str]) -> str:
    name = address if port == 22 else f"[{address}]:{port}"
    return "".join(f"{name} {' '.join(pin.split()[:2])}\n" for pin in pins)


def _strict(known: Path) -> Mapping[str, str]:
    return {
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": str(known),
        "GlobalKnownHostsFile": "/dev/null",
        "VerifyHostKeyDNS": "no",
        "UpdateHostKeys": "no",
        "IdentitiesOnly": "yes",
        "ForwardAgent": "no",
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "2",
    }


def _options(named: Mapping[str, str]) -> Iterator[str]:
    for name, value in named.items():
        yield from ("-o", f"{name}={value}")


def _login(credential: Credential, keys: Keys) -> Mapping[str, str]:
    """One method, so that one refusal is one refusal."""
    if socket := keys.agent(credential):
        return {"IdentityAgent": socket, "PreferredAuthentications": "publickey"}
    if credential.key:
        return {"PreferredAuthentications": "publickey"}
    return {"PubkeyAuthentication": "no", "PreferredAuthentications": "password"}


def _through_gateway(target: Target, folder: Path, keys: Keys) -> Mapping[str, str]:
    gateway, credential = target.gateway, target.gateway_credential
    if gateway is None or credential is None:
        return {}
    options = {**_strict(folder / GATEWAYS), **_login(credential, keys), "ConnectTimeout": "10"}
    asked: tuple[str, ...] = ()
    if identity := keys.identity(credential):
        options |= {"BatchMode": "yes", "IdentityFile": str(identity)}
    else:
        options |= {"NumberOfPasswordPrompts": "1"}
        asked = ("env", f"SSH_ASKPASS={folder / _asker(credential)}", "SSH_ASKPASS_REQUIRE=force", "DISPLAY=none")
    way = ["-p", str(gateway.port), "-l", credential.user, "-W", "[%h]:%p", "--", gateway.address]
    return {"ProxyCommand": shlex.join([*asked, "ssh", "-F", "none", *_options(options), *way])}


def takes_programs(folder: Path) -> bool:
    """Whether the kernel would start one that lies there."""
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC


def write_askers(
    targets: Iterable[Target], folder: Path, resolve: Resolve, takes: Callable[[Path], bool] = takes_programs
) -> None:
    """What tells ssh the password of a gateway: a program for each, beside the file that it shows.

    Ssh has one way to be told a second password without a terminal, and a program of its own is it. PlaybookError where
    the folder takes no programs.
    """
    for target in targets:
        credential = target.gateway_credential
        if target.gateway is None or credential is None or credential.key or credential.agent:
            continue
        if not takes(folder):
            whom = f"{target.who} lies behind the gateway {target.gateway.address}, which takes a password"
            why = f"no program may be started in {folder.parent} (noexec), so nobody can tell it to ssh"
            raise PlaybookError(f"{whom}; {why}: give its credential a `key`")
        asker = folder / _asker(credential)
        if not asker.exists():
            _write(asker.with_suffix(".word"), f"{resolve(credential.password or '')}\n", 0o600)
            _write(asker, f"#!/bin/sh\nexec cat {shlex.quote(str(asker.with_suffix('.word')))}\n", 0o700)


def _asker(credential: Credential) -> str:
    return f"ask-{sha256((credential.password or '').encode()).hexdigest()[:12]}"


def _write(path: Path, text: str, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
