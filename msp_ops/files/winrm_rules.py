"""What must fit together of a host that is reached over WinRM; and the port where none is written."""

from dataclasses import replace

from msp_ops.domain.client import Client, Credential, Host, Site, WinRm
from msp_ops.files.document import Document, Where


def with_usual_ports(document: Document, client: Client) -> Client:
    """5986 with TLS, 5985 without, where the file says nothing."""

    def site_of(number: int, site: Site) -> Site:
        hosts = (_with_port(document, ["sites", number, "hosts", n], host) for n, host in enumerate(site.hosts))
        return replace(site, hosts=tuple(hosts))

    return replace(client, sites=tuple(site_of(number, site) for number, site in enumerate(client.sites)))


def _with_port(document: Document, where: Where, host: Host) -> Host:
    if host.transport != "winrm" or document.node([*where, "port"]):
        return host
    return replace(host, port=host.winrm.usual_port)


def check_winrm(document: Document, client: Client) -> None:
    """Complains of a password that anybody could read on its way, and of credentials that open no Windows host."""
    for number, site in enumerate(client.sites):
        for place, host in enumerate(site.hosts):
            _check_host(document, ["sites", number, "hosts", place], host, client.credentials.get(host.credential))
    for name, credential in client.credentials.items():
        if credential.certificate and not credential.key:
            document.complain(
                ["credentials", name, "certificate"], "a certificate opens nothing without its private key; add key"
            )


def _check_host(document: Document, where: Where, host: Host, credential: Credential | None) -> None:
    if host.transport != "winrm":
        if host.winrm != WinRm():
            document.complain([*where, "winrm"], "this host is reached over SSH; add transport: winrm or remove winrm")
        return
    if not host.winrm.tls and host.winrm.auth in {"basic", "certificate"}:
        found = "the password in the clear" if host.winrm.auth == "basic" else "no certificate"
        document.complain(
            [*where, "winrm"],
            f"auth: {host.winrm.auth} without TLS shows {found}; right is tls: yes, or auth: ntlm, which encrypts",
        )
    if credential and (missing := _missing(host.winrm, credential)):
        document.complain(
            [*where, "credential"], f"'{host.credential}' cannot log in by {host.winrm.auth}: add {missing} to it"
        )


def _missing(winrm: WinRm, credential: Credential) -> str:
    match winrm.auth:
        case "ntlm" | "basic":
            return "" if credential.password else "password"
        case "certificate":
            return "" if credential.certificate and credential.key else "certificate and key"
        case "kerberos":
            return ""
