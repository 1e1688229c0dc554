#!/bin/sh
# Unpacks two libvirts side by side, each a root folder with libvirtd, its driver for QEMU, virsh, and all they need:
#
#   $QMPMIGRATE_QEMU_DIR/libvirt-9.0    Debian 12
#   $QMPMIGRATE_QEMU_DIR/libvirt-11.3   Debian 12's backports
#
# (default folder: ${XDG_CACHE_HOME:-$HOME/.cache}/qmpmigrate/qemu)
#
# Nothing is installed, see ../../debian/archive.sh. Done once it costs nothing: later runs only start the programs once.
set -eu
. "$(dirname "$0")/../../debian/archive.sh"

dir=${QMPMIGRATE_QEMU_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/qmpmigrate/qemu}
# The programs are started with the unpacked folder as their root; a shell and its tools are for QEMU's launcher, and
# for what docs/libvirt.md has its readers do.
packages="libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients dash coreutils util-linux hostname"

# run ROOT PROGRAM ARGUMENT...: by the unpacked loader, with the unpacked libraries.
run() {
	root=$1 program=$2
	shift 2
	"$root/lib64/ld-linux-x86-64.so.2" --library-path "$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu" \
		"$root/usr/$program" "$@"
}

# works VERSION: what this script would unpack is there, and starts.
works() {
	root=$dir/libvirt-$1
	[ -e "$root/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so" ] && [ -e "$root/bin/sh" ] &&
		[ -e "$root/usr/bin/unshare" ] && [ -e "$root/bin/hostname" ] &&
		run "$root" sbin/libvirtd --version 2>/dev/null | grep -q " $1\." &&
		run "$root" bin/virsh --version 2>/dev/null | grep -q "^$1\."
}

if works 9.0 && works 11.3; then
	exit 0
fi
open_archive "$dir"

# unpack VERSION SUITE: downloads that suite's libvirt and puts it in place.
unpack() {
	unpack_packages "$work/$1" "$2" $packages
	rm -f "$work/$1"/usr/bin/qemu-* # libvirtd would ask each what it can do
	rm -rf "${dir:?}/libvirt-$1"
	mv "$work/$1" "$dir/libvirt-$1"
	works "$1" || {
		run "$dir/libvirt-$1" sbin/libvirtd --version >&2 || true
		die "the unpacked libvirt $1 does not start"
	}
}

works 9.0 || unpack 9.0 "$release"
works 11.3 || unpack 11.3 "$release-backports"
