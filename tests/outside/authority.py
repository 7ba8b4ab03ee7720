"""Certificates of all kinds, made by an authority of the test's own."""

from datetime import timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID, NameOID

from msp_ops.engine.system_clock import SystemClock

SAN = ExtensionOID.SUBJECT_ALTERNATIVE_NAME
NOW = SystemClock().now().replace(microsecond=0)  # OpenSSL knows no other clock


def _named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """`issue` writes certificate and key as one PEM file."""

    def __init__(self, folder):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Acme's own authority")
        made = self._signed(self._name, self._key, self._name, NOW - timedelta(days=1), NOW + timedelta(days=400))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.path = folder / "acme-ca.pem"
        self.path.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, file, *names, begins=-1, ends=90, self_signed=False, odd=None):
        """`begins` and `ends` in days from now; `odd`: what stands in place of the names, in DER."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(names[0] if names else "nobody")
        issuer = (subject, key) if self_signed else (self._name, self._key)
        made = self._signed(subject, key, issuer[0], NOW + timedelta(days=begins), NOW + timedelta(days=ends))
        if odd is not None:
            made = made.add_extension(x509.UnrecognizedExtension(SAN, odd), critical=False)
        elif names:
            made = made.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        signed = made.sign(issuer[1], hashes.SHA256())
        path = self._folder / file
        path.write_bytes(
            signed.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path

    def _signed(self, subject, key, issuer, begins, ends):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )


def _general(name):
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
