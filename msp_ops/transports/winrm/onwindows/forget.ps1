# Asked: id. What still runs is left alone.
if ((Get-Standing).is -ne 'running') {
    Remove-Task
    if ([IO.Directory]::Exists($here)) { Remove-Item -LiteralPath $here -Recurse -Force }
}
Send-Frame @{ done = $true } $null
exit 0
