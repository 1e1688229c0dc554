#!/bin/sh
# Unpacks two real QEMUs side by side for the interoperation tests:
#
#   $QMPMIGRATE_QEMU_DIR/7.2/qemu-system-x86_64    Debian 12
#   $QMPMIGRATE_QEMU_DIR/10.0/qemu-system-x86_64   Debian 12's backports
#   $QMPMIGRATE_QEMU_DIR/*/qemu-img                beside each
#   $QMPMIGRATE_QEMU_DIR/python/qemu               QEMU's own QMP client in Python, from the source of the 10.0 package
#
# (default folder: ${XDG_CACHE_HOME:-$HOME/.cache}/qmpmigrate/qemu)
#
# Nothing is installed, see ../debian/archive.sh. The commands above start QEMU with exactly the libraries and
# ROMs that were unpacked next to it.
#
# Done once it costs nothing: later runs only start the programs once. Needs apt, dpkg-deb, tar with xz, and python3 for
# the client.
set -eu
. "$(dirname "$0")/../debian/archive.sh"

dir=${QMPMIGRATE_QEMU_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/qmpmigrate/qemu}
packages="qemu-system-x86 qemu-system-data qemu-utils seabios ipxe-qemu"

# launcher ROOT PROGRAM: a script that becomes the program in the same process. The unpacked loader is called by
# name, so that no LD_LIBRARY_PATH leaks into commands that QEMU starts (exec: migrations). Some versions keep
# accelerators in modules, which QEMU would search for next to the loader.
launcher() {
	roms=
	[ "$2" = qemu-img ] || roms="-L \"$1/usr/share/qemu\" -L \"$1/usr/share/seabios\" -L \"$1/usr/lib/ipxe/qemu\" "
	cat <<END
#!/bin/sh
export QEMU_MODULE_DIR="$1/usr/lib/x86_64-linux-gnu/qemu"
exec "$1/lib64/ld-linux-x86-64.so.2" --argv0 $2 \\
	--library-path "$1/lib/x86_64-linux-gnu:$1/usr/lib/x86_64-linux-gnu" \\
	"$1/usr/bin/$2" $roms"\$@"
END
}

# works VERSION: what this script would unpack is there, and starts.
works() {
	launcher "$dir/$1" qemu-system-x86_64 | cmp -s - "$dir/$1/qemu-system-x86_64" &&
		"$dir/$1/qemu-system-x86_64" -version 2>/dev/null | grep -q "version $1\." &&
		"$dir/$1/qemu-img" --version 2>/dev/null | grep -q "version $1\."
}

# client_works: the client in Python can be used.
client_works() {
	PYTHONPATH="$dir/python" python3 -c 'import qemu.qmp.legacy, qemu.qmp.qmp_shell' 2>/dev/null
}

command -v python3 >/dev/null || die "python3 is needed for QEMU's own QMP client (apt-get install python3)"
if works 7.2 && works 10.0 && client_works; then
	exit 0
fi

need tar xz
open_archive "$dir"

# unpack VERSION SUITE: downloads that suite's QEMU with all it depends on and puts it in place.
unpack() {
	version=$1 root=$work/$1
	unpack_packages "$root" "$2" $packages
	for program in qemu-system-x86_64 qemu-img; do
		launcher "$dir/$version" "$program" >"$root/$program"
		chmod +x "$root/$program"
	done
	rm -rf "${dir:?}/$version"
	mv "$root" "$dir/$version"
	works "$version" || {
		"$dir/$version/qemu-system-x86_64" -version >&2 || true
		die "the unpacked QEMU $version does not start"
	}
}

# unpack_client SUITE: downloads the source of that suite's QEMU and takes the client in Python out of it.
unpack_client() {
	rm -rf "$work/source" "$work/python"
	mkdir -p "$work/source" "$work/python"
	(cd "$work/source" && apt-get -qq --download-only --tar-only -t "$1" source qemu) ||
		die "QEMU's source could not be downloaded"
	tar -xJf "$work"/source/qemu_*.orig.tar.xz -C "$work/python" --strip-components=2 --wildcards '*/python/qemu/qmp/*'
	rm -rf "$dir/python"
	mv "$work/python" "$dir/python"
	client_works || {
		PYTHONPATH="$dir/python" python3 -c 'import qemu.qmp.legacy, qemu.qmp.qmp_shell' || true
		die "QEMU's QMP client in Python cannot be used"
	}
}

works 7.2 || unpack 7.2 "$release"
works 10.0 || unpack 10.0 "$release-backports"
client_works || unpack_client "$release-backports"
