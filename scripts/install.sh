#!/bin/sh
# Installs a release of resmon for Linux:
#
#   curl -fsSL <release page>/latest/download/install.sh | sh
#
# RESMON_INSTALL_DIR  where to put it (default: ~/.local/bin)
# RESMON_VERSION      which release, such as 0.1.0 (default: the latest)
# RESMON_BASE_URL     the release page or a mirror of it
set -eu

# A release holds this file with the address of its own page.
release_page=@RELEASE_PAGE@

fail() {
  echo "resmon: cannot install: $*" >&2
  exit 1
}

check_system() {
  system=$(uname -s)
  [ "$system" = Linux ] || fail "this is $system, and resmon records on Linux only so far; the files for other systems, which make reports, are at $base"
}

find_target() {
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) architecture=x86_64 ;;
    aarch64 | arm64) architecture=aarch64 ;;
    *) fail "there is no build for $machine, only for x86_64 and aarch64 (64-bit ARM)" ;;
  esac
  # A 64-bit kernel may run a 32-bit system: Raspberry Pi OS does.
  bits=$(getconf LONG_BIT 2>/dev/null || echo 64)
  [ "$bits" = 64 ] || fail "the kernel is $machine, but the system on it is of $bits bits; a system of 64 bits is needed"
  echo "$architecture-unknown-linux-gnu"
}

check_libc() {
  version=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed -n 's/^glibc \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p')
  if [ -z "$version" ]; then
    case $(ldd --version 2>&1 || :) in
      *musl*) fail "this system has the C library musl (Alpine), and resmon needs glibc 2.27 or newer; in a container, use an image with glibc, such as debian:stable-slim" ;;
      *) fail "this system's C library is not glibc, of which resmon needs 2.27 or newer" ;;
    esac
  fi
  major=${version%%.*}
  minor=${version#*.}
  if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt 27 ]; }; then
    fail "this system has glibc $version, and resmon needs 2.27 or newer (Debian 10, Ubuntu 18.04, RHEL 8, JetPack 4)"
  fi
}

check_page_size() {
  size=$(getconf PAGESIZE 2>/dev/null || echo 4096)
  [ "$size" = 4096 ] || fail "this kernel has memory pages of $size bytes, with which resmon's runtime crashes; it needs 4096 (Raspberry Pi 5: kernel=kernel8.img in /boot/firmware/config.txt)"
}

download() { # URL, file
  if command -v curl >/dev/null; then
    curl -fsSL -o "$2" "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1"
  else
    fail "curl or wget is needed to download it"
  fi || fail "$1 cannot be downloaded; RESMON_VERSION and RESMON_BASE_URL say what is downloaded from where"
}

check_sum() { # file, in the current folder
  grep " [ *]\{0,1\}$1\$" SHA256SUMS >expected || fail "SHA256SUMS of the release does not tell of $1"
  sha256sum -c expected >/dev/null 2>&1 || fail "$1 is not what SHA256SUMS of the release tells; try again, and do not use it"
}

install_resmon() {
  base=${RESMON_BASE_URL:-$release_page}
  base=${base%/}
  case $base in *RELEASE_PAGE*) fail "say where resmon's releases are: RESMON_BASE_URL=https://..." ;; esac
  check_system
  target=$(find_target)
  check_libc
  check_page_size

  folder=${RESMON_INSTALL_DIR:-${HOME:?is not set; set RESMON_INSTALL_DIR}/.local/bin}
  mkdir -p "$folder" || fail "$folder cannot be made; choose another by RESMON_INSTALL_DIR"
  folder=$(cd "$folder" && pwd)
  # In the same folder, so that the new program takes the place of the old one in one step, even while that is running.
  work=$(mktemp -d "$folder/.resmon.XXXXXX") || fail "$folder cannot be written; choose another by RESMON_INSTALL_DIR"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  cd "$work"

  version=${RESMON_VERSION:-latest}
  case $version in latest) release=$base/latest/download ;; *) release=$base/download/v${version#v} ;; esac
  file=resmon-$target.gz
  download "$release/SHA256SUMS" SHA256SUMS
  download "$release/$file" "$file"
  check_sum "$file"
  gzip -dc "$file" >resmon
  chmod 755 resmon
  installed=$(./resmon --version) || fail "the downloaded program does not start on this system"
  mv -f resmon "$folder/resmon"

  echo "resmon $installed is installed: $folder/resmon"
  case :${PATH}: in
    *:"$folder":*) ;;
    *) echo "$folder is not in your PATH. Add it: export PATH=\"$folder:\$PATH\"" ;;
  esac
}

# The last line, so that half a script does nothing.
install_resmon
