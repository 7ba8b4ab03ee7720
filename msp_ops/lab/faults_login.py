"""Faults of logging in and of becoming root."""

from msp_ops.lab.fault import Fault, InHost
from msp_ops.lab.hosts import LOGIN

_HOME = f"/home/{LOGIN}"

FAULTS = (
    Fault(
        kind="sshd-down",
        does="sshd is stopped: connection refused",
        how=InHost(make="systemctl stop ssh", undo="systemctl start ssh"),
    ),
    Fault(
        kind="auth",
        does="the login key is not accepted any more",
        how=InHost(
            make=f"mv {_HOME}/.ssh/authorized_keys {_HOME}/.ssh/gone",
            undo=f"mv {_HOME}/.ssh/gone {_HOME}/.ssh/authorized_keys",
        ),
    ),
    Fault(
        kind="hostkey",
        does="the host shows another key than the pinned one",
        how=InHost(
            make="""mkdir /root/true-key && mv /etc/ssh/ssh_host_ed25519_key* /root/true-key/
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
systemctl restart ssh""",
            undo="mv /root/true-key/* /etc/ssh/; rmdir /root/true-key; systemctl restart ssh",
        ),
    ),
    Fault(
        kind="cut",
        does="every ssh session is killed now, in the middle of its command",
        how=InHost(make=f"pkill -KILL -f '[s]shd[a-z-]*: {LOGIN}' || true", undo=""),
    ),
    Fault(
        kind="sudo-password",
        does="sudo asks for a password",
        how=InHost(
            make=f"echo '{LOGIN} ALL=(ALL) ALL' >/etc/sudoers.d/90-lab",
            undo=f"echo '{LOGIN} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/90-lab",
        ),
    ),
    Fault(
        kind="no-sudo",
        does="the login may not use sudo at all",
        how=InHost(make="mv /etc/sudoers.d/90-lab /root/90-lab", undo="mv /root/90-lab /etc/sudoers.d/90-lab"),
    ),
    Fault(
        kind="shell",
        does="the login has another shell",
        how=InHost(make=f'usermod --shell "$1" {LOGIN}', undo=f"usermod --shell /bin/bash {LOGIN}"),
        default="/bin/dash",
        means="path",
    ),
    Fault(
        kind="noise",
        does="the login prints bytes that are no UTF-8 before each command's output",
        how=InHost(
            make=f"""cp -a {_HOME}/.bashrc /root/bashrc
{{ echo 'printf "*** W\\351LCOME \\377\\376 ***\\n"'; cat /root/bashrc; }} >{_HOME}/.bashrc""",
            undo=f"cat /root/bashrc >{_HOME}/.bashrc",
        ),
    ),
)
