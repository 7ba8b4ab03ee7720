# Asked: id. Stops what runs, with everything that it started. The supervisor stays, to say how it ended; where it is dead,
# we say it.
Close-Parcel
$standing = Get-Standing
if ($standing.is -eq 'running') {
    $null = New-Mark 'cancelled' ''
    $began = Read-Mark 'began'
    if ($began -and (Test-Alive 'began')) { Stop-Tree ([int]$began.Split(' ')[0]) }
    for ($n = 0; $n -lt 100 -and -not (Test-Mark 'exit'); $n++) {
        if (-not (Test-Alive 'pid') -and -not (Test-Alive 'began')) { break }
        Start-Sleep -Milliseconds 200
    }
    if ((Get-Standing).why -eq 'killed') {
        $null = New-Mark 'exit' (ConvertTo-Json -InputObject @{ exit = $null; how = 'cancelled'; took = $null; cut = 0 } -Compress)
    }
}
Send-Standing
exit 0
