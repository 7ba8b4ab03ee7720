# A process is its number and the moment it began: numbers are used again. Only shell: no program is started here.
identity() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  number=${stat%% *}
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  session=$4 who="$number ${20}"
}
alive() {
  { read -r number began <"$1"; } 2>/dev/null && identity "$number" && [ "$who" = "$number $began" ]
}
clock() {
  read -r up _ </proc/uptime
  now=$((${up%.*} * 100 + 1${up#*.} - 100))
}
