# SPDX-License-Identifier: Apache-2.0
# Clean roots of Debian releases, for the scripts that source this file. Needs root and debootstrap.
# What is downloaded is kept in $SEALRING_CACHE, or ~/.cache/sealring.
root_cache=${SEALRING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sealring}
root_mirror=${SEALRING_MIRROR:-http://deb.debian.org}
declare -A root_releases=([bookworm]=12 [trixie]=13)

# root_make FOLDER: a minimal system of the release that the folder is named after, up to date.
root_make() {
  local folder=$1 suite=${1##*/}
  local kept=$root_cache/roots/$suite.tar
  mkdir -p "$folder" "$root_cache/roots"
  if [[ ! -f $kept ]]; then
    debootstrap --variant=minbase "$suite" "$folder" "$root_mirror/debian"
    rm -f "$folder"/var/cache/apt/archives/*.deb
    tar -C "$folder" --one-file-system -cf "$kept.new" .
    mv "$kept.new" "$kept"
  else
    tar -C "$folder" -xf "$kept"
  fi
  printf 'deb %s main\n' "$root_mirror/debian $suite" "$root_mirror/debian $suite-updates" \
    "$root_mirror/debian-security $suite-security" >"$folder/etc/apt/sources.list"
  # Nothing that is installed is to start by itself.
  printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
  chmod 755 "$folder/usr/sbin/policy-rc.d"
  echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/unsafe-io"
  echo 'APT::Get::Assume-Yes "true";' >"$folder/etc/apt/apt.conf.d/yes"
  cp /etc/hosts /etc/resolv.conf "$folder/etc/"
  root_run "$folder" sh -euc 'apt-get -qq update; apt-get -qq upgrade' >/dev/null
}

# root_run [--offline] FOLDER COMMAND...: runs a command in it. What it mounts and starts ends with it.
root_run() {
  local network=()
  [[ $1 != --offline ]] || { network=(--net); shift; }
  local folder=$1 suite_cache=$root_cache/apt/${1##*/}
  shift
  mkdir -p "$suite_cache/partial"
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive \
    unshare --mount --pid --fork --kill-child "${network[@]}" bash -euc '
      folder=$1 cache=$2
      shift 2
      mount --bind "$folder" "$folder"  # systemd wants its root to be a mount
      mount -t proc proc "$folder/proc"
      mount -t devpts -o newinstance,ptmxmode=0666 devpts "$folder/dev/pts"
      mount -t tmpfs tmpfs "$folder/dev/shm"
      mount --bind "$cache" "$folder/var/cache/apt/archives"
      [[ ! -x /usr/sbin/ip ]] || ip link set lo up
      exec chroot "$folder" "$@"' - "$folder" "$suite_cache" "$@"
}

# root_boot FOLDER COMMAND...: runs a command without network in a root that its systemd has started, as
# process 1 of namespaces of its own. The kernel's settings, which are this machine's, cannot be changed in it.
root_boot() {
  local folder=$1 group=sealring-$BASHPID status=0
  shift
  printf '%q ' exec "$@" >"$folder/etc/booted"
  cat >"$folder/etc/systemd/system/booted.service" <<'END'
[Unit]
AllowIsolate=yes
Requires=basic.target
SuccessAction=exit
FailureAction=exit

[Service]
Type=oneshot
Environment=HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
ExecStart=bash /etc/booted
StandardOutput=truncate:/var/log/booted
StandardError=inherit
END
  root_run --offline "$folder" sh -euc '
    mount -t sysfs -o ro sysfs /sys
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mkdir "/sys/fs/cgroup/$1"
    echo 0 >"/sys/fs/cgroup/$1/cgroup.procs"
    umount /sys/fs/cgroup
    exec unshare --cgroup --ipc --uts sh -euc "
      mount -t cgroup2 cgroup2 /sys/fs/cgroup
      mount --bind /proc/sys /proc/sys
      mount -o remount,bind,ro /proc/sys
      mount -t tmpfs -o mode=755 tmpfs /run
      exec env container=sealring /lib/systemd/systemd --unit=booted.service"' \
    - "$group" </dev/null || status=$?
  unshare --mount sh -euc 'mount -t cgroup2 cgroup2 /mnt; find "/mnt/$1" -depth -type d -exec rmdir {} +' - "$group"
  cat "$folder/var/log/booted"
  return "$status"
}
