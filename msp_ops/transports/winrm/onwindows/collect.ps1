# Asked: id. How it stands, and what it said when it has ended.
Send-Standing
exit 0
