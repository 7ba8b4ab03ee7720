#!/bin/sh
# What the kernel says of memory that ran out, of processors, memory chips, disks and file systems that fail.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# By transport and not by `-k`, which tells of this boot only: the trouble is often what came before the restart.
messages() {
  journalctl --quiet --no-pager --output=cat _TRANSPORT=kernel --since="@$begin" 2>/dev/null </dev/null
}

# Floppy and CD drives complain on many a virtual machine that has none.
judge() {
  awk '
    function word(text) { gsub(/[^A-Za-z0-9._:-]/, "_", text); return text == "" ? "unknown" : text }
    function seen(severity, subject, means) {
      subject = word(subject)
      if (!count[subject]++) { order[++subjects] = subject; first[subject] = substr($0, 1, 160) }
      if (severity == "critical" || level[subject] == "") level[subject] = severity
      meaning[subject] = means
    }
    function after(pattern, stop,   text) {
      if (!match($0, pattern)) return ""
      text = substr($0, RSTART + RLENGTH); sub(stop, "", text); return text
    }
    /Killed process [0-9]+|Kill process [0-9]+/ {
      killed++
      name = after("Kill(ed)? process [0-9]+ \\(", "\\).*")
      if (/[Mm]emory cgroup/) seen("warning", "oom:" name, "its service had used up the memory that it may have")
      else seen("critical", "oom:" name, "the host ran out of memory and it was killed")
      next
    }
    /dev (fd|sr)[0-9]/ { next }
    /\[Hardware Error\]|mce: .*[Mm]achine [Cc]heck|EDAC .*[0-9]+ UE / {
      seen("critical", "hardware", "processor or memory reports a hardware error"); next
    }
    /EDAC .*[0-9]+ CE / {
      seen("warning", "memory-corrected", "memory had errors that it could still correct"); next
    }
    /EXT[234]-fs error|EXT[234]-fs \([^)]*\): Remounting filesystem read-only|Aborting journal on device/ {
      name = after("device ", "[ :)].*"); if (name == "") name = after("EXT[234]-fs \\(", "\\).*")
      if (/Aborting journal/) sub(/-[0-9]+\.?$/, "", name)
      seen("critical", "filesystem:" name, "the file system (ext4) is damaged"); next
    }
    /XFS \([^)]*\): .*([Cc]orruption|I\/O [Ee]rror|Internal error|[Ss]hutting down|[Ss]hut down)/ {
      seen("critical", "filesystem:" after("XFS \\(", "\\).*"), "the file system (XFS) is damaged"); next
    }
    /BTRFS (error|critical)/ {
      seen("critical", "filesystem:" after("device ", "[ :)].*"), "the file system (btrfs) is damaged"); next
    }
    /(I\/O|critical (medium|target)|Buffer I\/O) error,? .*dev / {
      seen("critical", "io:" after("dev ", "[ ,].*"), "reads or writes failed"); next
    }
    /nvme[0-9]+: (I\/O .*timeout|controller is down|Device not ready|Abort status)/ {
      name = after("nvme ?", "[ :].*"); seen("warning", "io:" name, "the disk did not answer in time"); next
    }
    /ata[0-9.]+: (exception Emask|failed command|hard resetting link)/ {
      match($0, /ata[0-9.]+/); seen("warning", "io:" substr($0, RSTART, RLENGTH), "the link to a disk has trouble"); next
    }
    /INFO: task .* blocked for more than/ {
      seen("warning", "hung-task", "a process waited for minutes, mostly for a disk"); next
    }
    /soft lockup|hard LOCKUP|rcu.*detected stall/ { seen("warning", "lockup", "a processor was stuck"); next }
    END {
      for (i = 1; i <= subjects; i++) {
        subject = order[i]; told = meaning[subject] " (" count[subject] " times): " first[subject]
        print "msp: finding " level[subject] " " subject " " told
      }
      print "msp: measurement oom_kills " killed + 0 " processes"
    }'
}

require_journal
if [ -e /run/systemd/container ]; then
  echo "this host is a container: what the kernel says stands in the log of its machine"
elif [ -z "$(journalctl --quiet --no-pager --output=cat --lines=1 _TRANSPORT=kernel 2>/dev/null </dev/null)" ]; then
  blocked "the journal of this host does not keep what the kernel says"
fi
LC_ALL=C
messages | judge
