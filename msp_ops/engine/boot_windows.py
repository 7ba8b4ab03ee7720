"""The same three questions as in `boot`, for Windows PowerShell 5.1. They parse; Windows has never run them."""

from msp_ops.transports.winrm.spoken import MARK

# the process that begins with the boot and ends with it; LastBootUpTime moves when the clock is set. Spelt as a UUID
_BOOT = rb"""$first = Get-CimInstance -ClassName Win32_Process -Filter "Name='wininit.exe'" | Select-Object -First 1
$ticks = '{0:x16}' -f $first.CreationDate.ToUniversalTime().Ticks
$parts = ('{0:x8}' -f $first.ProcessId), $ticks.Substring(0, 4), $ticks.Substring(4, 4), $ticks.Substring(8, 4)
$boot = ($parts -join '-') + '-00000000' + $ticks.Substring(12, 4)
"""
BOOT_ID = MARK + _BOOT + b"$boot\nexit 0\n"
# what starts with the machine has been started, and updates that finish after a restart have finished
IS_UP = (
    MARK
    + rb"""$cbs = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing'
if (Test-Path -Path "$cbs\RebootInProgress") { exit 1 }
$waits = Get-CimInstance -ClassName Win32_Service -Filter "State='Start Pending' AND StartMode='Auto'"
if ($waits) { exit 1 }
exit 0
"""
)
# 1190: a restart was ordered already, 1115: it is under way (System Error Codes, learn.microsoft.com)
RESTART = (
    MARK
    + _BOOT
    + rb""""from boot $boot"
& "$env:SystemRoot\System32\shutdown.exe" /r /t 5 /d p:4:1 /c 'msp-ops'
if ($LASTEXITCODE -notin 0, 1190, 1115) { exit 1 }
'msp: changed the host was restarted'
exit 0
"""
)
