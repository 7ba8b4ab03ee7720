# A script runs in a PowerShell of its own: `exit` ends it and nothing else, its exit code is certain, and its time has an
# end. Its text goes through standard input behind the launcher: no file, no command line, no execution policy.
function Start-Child([string]$Text) {
    $info = New-Object Diagnostics.ProcessStartInfo
    $info.FileName = Join-Path $PSHOME 'powershell.exe'
    # text, not CLIXML, on standard error: without this word PowerShell assumes that a PowerShell listens
    $options = '-NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat Text -EncodedCommand '
    $info.Arguments = $options + $ask.launcher
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $true
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $child = [Diagnostics.Process]::Start($info)
    $bytes = [Text.Encoding]::UTF8.GetBytes($Text)
    $sha = New-Object Security.Cryptography.SHA256CryptoServiceProvider
    $sum = [BitConverter]::ToString($sha.ComputeHash($bytes)).Replace('-', '').ToLower()
    $pipe = $child.StandardInput.BaseStream
    $pipe.Write([Text.Encoding]::ASCII.GetBytes($sum), 0, 64)
    $pipe.Write($bytes, 0, $bytes.Length)
    $pipe.Close()
    return $child
}
# UTF-8 out, whatever the machine's code page; the first line of the script's own process. One without a console keeps it.
$utf8 = "`$ErrorActionPreference = 'Stop'; `$ProgressPreference = 'SilentlyContinue'; " +
    "try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding `$false } catch { `$null = `$_ }; " +
    "`$OutputEncoding = New-Object Text.UTF8Encoding `$false`n"
# Windows ends no children with their parent: each is found by its parent's number, as long as it is the younger one.
function Stop-Tree([int]$Number) {
    $all = @(Get-CimInstance -ClassName Win32_Process -Property ProcessId, ParentProcessId, CreationDate)
    $found = @($all | Where-Object { $_.ProcessId -eq $Number })
    for ($at = 0; $at -lt $found.Count; $at++) {
        $one = $found[$at]
        $found += @($all | Where-Object {
                $_.ParentProcessId -eq $one.ProcessId -and $_.CreationDate -ge $one.CreationDate -and
                $_.ProcessId -ne $one.ProcessId
            })
    }
    foreach ($one in $found) {
        Stop-Process -Id $one.ProcessId -Force -ErrorAction SilentlyContinue
    }
}
# Both streams as they come, until the child has ended. $Sink takes each piece; $Look is called now and then and may return
# a word: then the child is stopped, and this is why. What it left running holds the pipes open; that is not waited for.
function Read-Child($Child, [scriptblock]$Sink, [scriptblock]$Look) {
    $streams = @($Child.StandardOutput.BaseStream, $Child.StandardError.BaseStream)
    $buffers = @((New-Object byte[] 65536), (New-Object byte[] 65536))
    $reads = @($streams[0].ReadAsync($buffers[0], 0, 65536), $streams[1].ReadAsync($buffers[1], 0, 65536))
    $open = @($true, $true)
    $why = ''
    $ended = $null
    while ($open[0] -or $open[1]) {
        $waits = [Threading.Tasks.Task[]]@(0, 1 | Where-Object { $open[$_] } | ForEach-Object { $reads[$_] })
        $null = [Threading.Tasks.Task]::WaitAny($waits, 200)
        foreach ($n in 0, 1) {
            if ($open[$n] -and $reads[$n].IsCompleted) {
                $count = $reads[$n].Result
                if ($count -eq 0) {
                    $open[$n] = $false
                } else {
                    & $Sink $buffers[$n] $count
                    $reads[$n] = $streams[$n].ReadAsync($buffers[$n], 0, 65536)
                }
            }
        }
        if (-not $why) {
            $why = [string](& $Look)
            if ($why) { Stop-Tree $Child.Id }
        }
        if ($Child.HasExited) {
            if (-not $ended) { $ended = [Diagnostics.Stopwatch]::StartNew() }
            if ($ended.ElapsedMilliseconds -gt 2000) { break }
        }
    }
    while (-not $Child.WaitForExit(200)) {
        if (-not $why) {
            $why = [string](& $Look)
            if ($why) { Stop-Tree $Child.Id }
        }
    }
    return $why
}
