# Asked: id, seconds, limit, store, token, run_as. The first one that makes `committed` wins, every later one changes nothing.
# $mspScript: the supervisor. It runs as a scheduled task: a child of the remote shell dies with the shell.
if (-not (Test-Mark 'script') -and -not (Test-Mark 'committed') -and -not (Test-Mark 'began')) { throw 'nothing was delivered' }
if (New-Mark 'committed' "$(Get-Boot)|$(Get-Uptime)") {
    [IO.File]::WriteAllText((Join-Path $here 'order'), $msp)
    $bytes = [Convert]::FromBase64String($mspScript)
    [IO.File]::WriteAllBytes((Join-Path $here 'supervisor'), $bytes)
    $sha = New-Object Security.Cryptography.SHA256CryptoServiceProvider
    $sum = [BitConverter]::ToString($sha.ComputeHash($bytes)).Replace('-', '').ToLower()
    $start = @(
        "`$here = '$($here.Replace("'", "''"))'"
        '$b = [IO.File]::ReadAllBytes("$here\supervisor")'
        '$sha = New-Object Security.Cryptography.SHA256CryptoServiceProvider'
        '$sum = [BitConverter]::ToString($sha.ComputeHash($b)).Replace("-", "").ToLower()'
        "if (`$sum -cne '$sum') { exit 97 }"
        '. ([scriptblock]::Create([Text.Encoding]::UTF8.GetString($b)))'
    ) -join "`n"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($start))
    $action = New-ScheduledTaskAction -Execute (Join-Path $PSHOME 'powershell.exe') -Argument (
        "-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand $encoded")
    if ($ask.run_as -eq 'root') {
        $as = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
    } else {
        $me = [Security.Principal.WindowsIdentity]::GetCurrent().Name
        $as = New-ScheduledTaskPrincipal -UserId $me -LogonType S4U -RunLevel Highest
    }
    $how = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero)
    $null = Register-ScheduledTask -TaskPath '\msp-ops\' -TaskName $ask.id -Action $action -Principal $as -Settings $how -Force
    Start-ScheduledTask -TaskPath '\msp-ops\' -TaskName $ask.id
}
Send-Frame @{ done = $true } $null
exit 0
