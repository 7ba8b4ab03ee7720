# Asked: seconds, limit. A read-only script: its output and its exit code; 124 when its time was over.
$text = $utf8 + [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($mspScript))
$kept = New-Object IO.MemoryStream
$said = @{ bytes = [long]0 }
$watch = [Diagnostics.Stopwatch]::StartNew()
$child = Start-Child $text
$sink = {
    param($Bytes, $Count)
    $said.bytes += $Count
    $room = [Math]::Min($Count, $ask.limit - $kept.Length)
    if ($room -gt 0) { $kept.Write($Bytes, 0, [int]$room) }
}
$look = { if ($watch.Elapsed.TotalSeconds -ge $ask.seconds) { 'too-long' } }
$why = Read-Child $child $sink $look
$exit = $child.ExitCode
if ($why) { $exit = 124 }
Send-Frame @{ exit = $exit; cut = $said.bytes - $kept.Length } $kept.ToArray()
exit 0
