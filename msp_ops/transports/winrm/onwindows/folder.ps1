# Where parcels lie: on the disk, in a folder that only SYSTEM and administrators can read. Everybody may make folders in
# ProgramData: one that somebody else made before is not used.
$top = Join-Path $env:ProgramData 'msp-ops'
$root = Join-Path $top 'runs'
$here = Join-Path $root $ask.id
function Open-Folder([string]$Path) {
    $rules = New-Object Security.AccessControl.DirectorySecurity
    $rules.SetAccessRuleProtection($true, $false)
    foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') {
        $who = New-Object Security.Principal.SecurityIdentifier $sid
        $rules.AddAccessRule((New-Object Security.AccessControl.FileSystemAccessRule(
                    $who, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow')))
    }
    $rules.SetOwner((New-Object Security.Principal.SecurityIdentifier 'S-1-5-32-544'))
    $made = [IO.Directory]::CreateDirectory($Path, $rules)
    if ($made.Attributes -band [IO.FileAttributes]::ReparsePoint) { throw "$Path is a link" }
    $found = [IO.Directory]::GetAccessControl($Path)
    $owner = $found.GetOwner([Security.Principal.SecurityIdentifier]).Value
    if (@('S-1-5-18', 'S-1-5-32-544') -notcontains $owner) { throw "$Path belongs to somebody else: $owner" }
    if (-not $found.AreAccessRulesProtected) { throw "$Path can be read by others" }
}
# Whoever makes the file first has won; it is on the disk before anybody goes on.
function New-Mark([string]$Name, [string]$Text) {
    try {
        $file = [IO.File]::Open((Join-Path $here $Name), 'CreateNew', 'Write', 'None')
    } catch [IO.IOException] {
        return $false
    }
    $bytes = [Text.Encoding]::UTF8.GetBytes($Text)
    $file.Write($bytes, 0, $bytes.Length)
    $file.Flush($true)
    $file.Close()
    return $true
}
function Read-Mark([string]$Name) {
    for ($n = 0; $n -lt 20; $n++) {
        try {
            return [IO.File]::ReadAllText((Join-Path $here $Name))
        } catch [IO.FileNotFoundException], [IO.DirectoryNotFoundException] {
            return $null
        } catch [IO.IOException] {
            Start-Sleep -Milliseconds 50
        }
    }
    throw "$Name cannot be read"
}
function Test-Mark([string]$Name) { return [IO.File]::Exists((Join-Path $here $Name)) }
# The boot: the process that starts with it and ends with it. LastBootUpTime moves when the clock is set.
function Get-Boot {
    if (-not $script:boot) {
        $first = Get-CimInstance -ClassName Win32_Process -Filter "Name='wininit.exe'" | Select-Object -First 1
        $script:boot = "$($first.ProcessId) $($first.CreationDate.ToUniversalTime().Ticks)"
    }
    return $script:boot
}
# Seconds since the boot: no clock that anybody sets.
function Get-Uptime { return [Diagnostics.Stopwatch]::GetTimestamp() / [Diagnostics.Stopwatch]::Frequency }
# A process is its number and the moment it began: numbers are used again.
function Get-Identity([int]$Number) {
    $found = Get-Process -Id $Number -ErrorAction SilentlyContinue
    if ($found) { return "$Number $($found.StartTime.ToUniversalTime().Ticks)" }
}
function Test-Alive([string]$Name) {
    $said = Read-Mark $Name
    return [bool]$said -and $said -eq (Get-Identity ([int]$said.Split(' ')[0]))
}
