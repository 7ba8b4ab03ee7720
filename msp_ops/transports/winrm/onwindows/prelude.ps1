# In front of every program. $msp: what is asked, as base64 of UTF-8 JSON; values are data, never text of a program.
$ask = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($msp)))
# The one answer, in ASCII: a line of JSON, then bytes; whoever reads it counts and compares. What a profile or a module
# prints beside it is noise.
function Send-Frame([hashtable]$Head, [byte[]]$Body) {
    $Head['nonce'] = $ask.nonce
    $line = (ConvertTo-Json -InputObject $Head -Depth 8 -Compress) + "`n"
    $whole = New-Object IO.MemoryStream
    $front = [Text.Encoding]::UTF8.GetBytes($line)
    $whole.Write($front, 0, $front.Length)
    if ($Body) { $whole.Write($Body, 0, $Body.Length) }
    $bytes = $whole.ToArray()
    $sha = New-Object Security.Cryptography.SHA256CryptoServiceProvider
    $sum = [BitConverter]::ToString($sha.ComputeHash($bytes)).Replace('-', '').ToLower()
    $text = "`n##MSP1 $($bytes.Length) $sum $([Convert]::ToBase64String($bytes)) MSP1##`n"
    $out = [Console]::OpenStandardOutput()
    $ascii = [Text.Encoding]::ASCII.GetBytes($text)
    $out.Write($ascii, 0, $ascii.Length)
    $out.Flush()
}
