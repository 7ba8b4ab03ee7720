"""Which package manager a host's packages belong to, as the front of a check's command: it sets `$manager`.

The system says it first: openSUSE has dnf as well, a Debian may have rpm and dnf, Fedora has apt-get.
"""

MANAGER = r"""
like=" $(sed -n -e 's/^ID=//p' -e 's/^ID_LIKE=//p' /etc/os-release 2>/dev/null | tr -d "\"'" | tr '\n' ' ') "
case $like in
  *" debian "* | *" ubuntu "*) manager=apt ;;
  *" suse "* | *" opensuse "* | *" sles "*) manager=zypper ;;
  *" rhel "* | *" fedora "* | *" centos "*) manager=dnf ;;
  *) manager=apt ;;
esac
"""
