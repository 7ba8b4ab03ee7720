# Asked: id.
Close-Parcel
Send-Standing
exit 0
