# Runs as a scheduled task, once. Output past the limit is counted, not kept; the script is never stopped by a full pipe.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not (New-Mark 'pid' (Get-Identity $PID))) { exit 0 }
$watch = [Diagnostics.Stopwatch]::StartNew()
$cut = @{ bytes = [long]0 }
function Write-Exit($Code, [string]$How) {
    if (Test-Mark 'cancelled') { $How = 'cancelled' }
    $told = @{ exit = $Code; how = $How; took = $watch.Elapsed.TotalSeconds; cut = $cut.bytes }
    $null = New-Mark 'exit.part' (ConvertTo-Json -InputObject $told -Compress)
    [IO.File]::Move((Join-Path $here 'exit.part'), (Join-Path $here 'exit'))
}
function Stop-Refused([string]$Why) {
    [IO.File]::WriteAllText((Join-Path $here 'output'), "msp: why $Why`n")
    Write-Exit 75 'in-time'
    Remove-Task
    exit 0
}
# The host itself judges that it is changed by one run at a time, whatever the controllers believe.
try {
    $lock = [IO.File]::Open((Join-Path $root 'lock'), 'OpenOrCreate', 'ReadWrite', 'None')
} catch [IO.IOException] {
    Stop-Refused 'another run of msp-ops is changing this host'
}
$mine = $here
foreach ($other in [IO.Directory]::GetDirectories($root)) {
    if ($other -eq $mine -or [IO.Path]::GetFileName($other) -eq 'fences') { continue }
    $here = $other
    $busy = -not (Test-Mark 'exit') -and (Test-Mark 'began') -and (Test-Alive 'began')
    $here = $mine
    if ($busy) { Stop-Refused 'another run of msp-ops is changing this host' }
}
# A younger lease of the same store was here: ours was given to somebody else, whatever we still believe.
$fences = Join-Path $root 'fences'
$null = [IO.Directory]::CreateDirectory($fences)
$fence = Join-Path $fences $ask.store
$seen = [long]0
if ([IO.File]::Exists($fence)) { $seen = [long][IO.File]::ReadAllText($fence) }
if ([long]$ask.token -lt $seen) { Stop-Refused 'a younger run of msp-ops holds this host' }
[IO.File]::WriteAllText("$fence.part", "$($ask.token)")
Move-Item -LiteralPath "$fence.part" -Destination $fence -Force
# The script's own process takes its name before it runs anything; a script that holds a secret is gone by then.
$path = Join-Path $here 'script'
$text = [IO.File]::ReadAllText($path)
Remove-Item -LiteralPath $path -Force
$take = @(
    "`$mspHere = '$($here.Replace("'", "''"))'"
    '$mspMe = Get-Process -Id $PID'
    '$mspSaid = [Text.Encoding]::UTF8.GetBytes("$PID $($mspMe.StartTime.ToUniversalTime().Ticks)")'
    'try { $mspMark = [IO.File]::Open("$mspHere\began", "CreateNew", "Write", "None") } catch { exit 0 }'
    '$mspMark.Write($mspSaid, 0, $mspSaid.Length); $mspMark.Flush($true); $mspMark.Close()'
    ''
) -join "`n"
$output = [IO.File]::Open((Join-Path $here 'output'), 'Create', 'Write', 'ReadWrite')
$sink = {
    param($Bytes, $Count)
    $room = [Math]::Min($Count, $ask.limit - $output.Length)
    if ($room -gt 0) { $output.Write($Bytes, 0, [int]$room); $output.Flush() }
    $cut.bytes += $Count - [Math]::Max(0, $room)
}
$ticked = @{ at = [double]-9 }
$look = {
    if ((Get-Uptime) - $ticked.at -ge 5) {
        $ticked.at = Get-Uptime
        try { [IO.File]::WriteAllText((Join-Path $here 'tick'), "$($ticked.at)") } catch [IO.IOException] { $ticked.at = [double]-9 }
    }
    if (Test-Mark 'cancelled') { return 'cancelled' }
    if ($watch.Elapsed.TotalSeconds -ge $ask.seconds) { return 'too-long' }
}
$child = Start-Child ($utf8 + $take + $text)
$text = $null
$why = Read-Child $child $sink $look
$output.Close()
$began = Read-Mark 'began'
if (-not $began) { Stop-Refused "$here on this host cannot be written" }
if ($began -ne 'withdrawn') {
    $how = 'in-time'
    if ($why) { $how = $why }
    Write-Exit $child.ExitCode $how
}
Remove-Task
$lock.Close()
