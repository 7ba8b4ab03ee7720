# What a run needs of a Windows host, one word and its value a line; nothing is changed.
"powershell $($PSVersionTable.PSVersion)"
"language $($ExecutionContext.SessionState.LanguageMode)"
$me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
"administrator $($me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator))"
"tasks $([bool](Get-Command -Name Register-ScheduledTask -ErrorAction SilentlyContinue))"
$os = Get-CimInstance -ClassName Win32_OperatingSystem
"system $($os.Caption) $($os.BuildNumber)"
$disk = Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='$env:SystemDrive'"
"disk $($disk.FreeSpace) $($disk.Size)"
"clock $([DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ss'))"
