# How a parcel stands. `began` decides: the script's own process makes it before it runs anything, who withdraws makes it
# too, and whoever is first has won.
function Get-Standing {
    if (-not [IO.Directory]::Exists($here)) { return @{ is = 'gone' } }
    $began = Read-Mark 'began'
    if ($began -eq 'withdrawn' -or -not (Test-Mark 'committed')) { return @{ is = 'never' } }
    if ($ended = Read-Ended) { return $ended }
    $committed = Read-Mark 'committed'
    if ($committed -and $committed.Split('|')[0] -ne (Get-Boot)) {
        if ($began) { return @{ is = 'interrupted'; why = 'restarted' } }
        return @{ is = 'never' }
    }
    if (((Test-Mark 'began') -and (Test-Alive 'began')) -or ((Test-Mark 'pid') -and (Test-Alive 'pid'))) {
        $tick = Read-Mark 'tick'
        if (-not $tick) { $tick = $committed.Split('|')[1] }
        return @{ is = 'running'; silent = (Get-Uptime) - [double]$tick }
    }
    if ($ended = Read-Ended) { return $ended }
    if (Read-Mark 'began') { return @{ is = 'interrupted'; why = 'killed' } }
    $age = (Get-Uptime) - [double]$committed.Split('|')[1]
    if (-not (Test-Mark 'pid') -and $age -lt 60) { return @{ is = 'running'; silent = $age } }
    $null = New-Mark 'began' 'withdrawn'
    return Get-Standing
}
function Read-Ended {
    $told = Read-Mark 'exit'
    if (-not $told) { return }
    $told = ConvertFrom-Json $told
    return @{ is = 'ended'; exit = $told.exit; how = $told.how; took = $told.took; cut = $told.cut }
}
function Send-Standing {
    $standing = Get-Standing
    $output = New-Object byte[] 0
    if ($standing.is -eq 'ended' -and (Test-Mark 'output')) {
        $output = [IO.File]::ReadAllBytes((Join-Path $here 'output'))
    }
    Send-Frame $standing $output
}
# After this nobody begins it any more. Of what is not known here nothing is made, so that `gone` never becomes `never`.
function Close-Parcel {
    if (-not [IO.Directory]::Exists($here)) { return }
    $null = New-Mark 'committed' "$(Get-Boot)|$(Get-Uptime)"
    if (-not (Test-Mark 'exit')) { $null = New-Mark 'began' 'withdrawn' }
    if ((Read-Mark 'began') -eq 'withdrawn') { Remove-Item -LiteralPath (Join-Path $here 'script') -Force -ErrorAction SilentlyContinue }
}
function Remove-Task { Unregister-ScheduledTask -TaskPath '\msp-ops\' -TaskName $ask.id -Confirm:$false -ErrorAction SilentlyContinue }
