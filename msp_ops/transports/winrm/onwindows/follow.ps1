# Asked: id, from, most. What the script says, piece by piece, until it has ended, nobody works on it, or for `most` seconds.
$path = Join-Path $here 'output'
$at = [long]$ask.from
$until = (Get-Uptime) + $ask.most
while ($true) {
    $last = (Get-Uptime) -ge $until -or (Get-Standing).is -ne 'running'
    if ([IO.File]::Exists($path)) {
        $file = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
        $null = $file.Seek($at, 'Begin')
        $piece = New-Object byte[] 65536
        while (($count = $file.Read($piece, 0, 65536)) -gt 0) {
            $said = New-Object byte[] $count
            [Array]::Copy($piece, $said, $count)
            Send-Frame @{ at = $at } $said
            $at += $count
        }
        $file.Close()
    }
    if ($last) { break }
    Start-Sleep -Milliseconds 500
}
Send-Frame @{ end = $true; at = $at } $null
exit 0
