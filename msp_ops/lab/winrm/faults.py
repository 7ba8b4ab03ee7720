"""The faults of a remote shell. Where each text was seen stands beside it; `invented` was never seen as XML."""

from msp_ops.lab.winrm.fault import Fault, PluginFault, QuotaFault

_CANNOT = "The WS-Management service cannot process the request. "


def timed_out() -> Fault:
    """Recorded: jborean93/pypsrp, test_winrs_operation_timeout."""
    words = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  "
    return Fault(2150858793, words, "w:TimedOut")


def no_such_shell() -> Fault:
    """Recorded: jborean93/pypsrp, test_winrs_bad_cmd_id (0x8033805B)."""
    words = (
        "The request for the Windows Remote Shell with ShellId failed because the shell was not found on the server. "
        "Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the server. Provide "
        "the correct ShellId or create a new shell and retry the operation. "
    )
    return Fault(2150858843, words, "w:InvalidSelectors", sender=True)


def no_such_command() -> Fault:
    """Recorded: jborean93/pypsrp, test_winrs_bad_cmd_id."""
    return PluginFault(87, "The parameter is incorrect. ", "w:InvalidParameter", sender=True)


def too_long() -> Fault:
    """Recorded: masterzen/winrm, executeCommandResponseWithError (0x800700CE)."""
    return PluginFault(2147942606, "The filename or extension is too long. ")


def access_denied() -> Fault:
    """Invented as XML; the text is Windows' own for code 5."""
    return Fault(5, "Access is denied. ", "w:AccessDenied", sender=True)


def busy() -> Fault:
    """Invented as XML; code 170 after a Send under load is what ansible's connection plug-in winrm.py waits for."""
    return Fault(170, "The requested resource is in use. ")


def quota_of_shells(most: int) -> Fault:
    """Recorded: WinRb/WinRM, wmi_error_v2.xml (0x803381A5)."""
    tail = " Close existing shells or raise the quota for this user. "
    text = f"{_CANNOT}The maximum number of concurrent shells for this user has been exceeded.{tail}"
    told = f"{_CANNOT}This user is allowed a maximum number of {most} concurrent shells, which has been exceeded.{tail}"
    return QuotaFault(2150859173, text, told)


def quota_of_operations(most: int) -> Fault:
    """Invented as XML; code and text from threads (0x803381A6: pywinrm 124, WinRb/WinRM 197)."""
    text = (
        f"{_CANNOT}This user is allowed a maximum number of {most} concurrent operations, which has been exceeded. "
        "Close existing operations for this user, or raise the quota for this user. "
    )
    return QuotaFault(2150859174, text, text)


def not_a_shell() -> Fault:
    """Invented."""
    words = f"{_CANNOT}The resource URI is not supported. "
    return Fault(2150858811, words, "a:DestinationUnreachable", sender=True)


def no_such_action() -> Fault:
    """Invented."""
    return Fault(2150858752, "The action is not supported by the service. ", "a:ActionNotSupported", sender=True)
