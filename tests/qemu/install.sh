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
# Nothing is installed and nothing of the machine's apt state is touched, so no root is needed: apt
# resolves and downloads into a folder of its own, as if on an empty machine, and every package that QEMU
# needs, down to the C library, is unpacked next to it. The commands above start QEMU with exactly these
# libraries and ROMs. The archive's address comes from this machine's apt configuration, or from
# QMPMIGRATE_DEBIAN_ARCHIVE; packages are accepted with a valid signature of the archive only.
#
# Done once it costs nothing: later runs only start the programs once. Needs apt, dpkg-deb, tar with xz, and python3 for
# the client.
set -eu

dir=${QMPMIGRATE_QEMU_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/qmpmigrate/qemu}
release=bookworm
packages="qemu-system-x86 qemu-system-data qemu-utils seabios ipxe-qemu"

die() {
	echo "install.sh: $*" >&2
	exit 1
}

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

for tool in apt-get apt-config dpkg-deb flock tar xz; do
	command -v "$tool" >/dev/null || die "$tool is needed; on another system than Debian 12 unpack QEMU 7.2 and 10.0 into $dir by hand"
done
mkdir -p "$dir"
exec 9>"$dir/.lock"
flock 9 # two test runs may start at the same time; the second finds the work done

work=$dir/.work
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
: >"$work/state/status"

# archives: addresses this machine gets its own release from, before any index has been downloaded too.
archives() {
	if [ -n "${QMPMIGRATE_DEBIAN_ARCHIVE:-}" ]; then
		echo "$QMPMIGRATE_DEBIAN_ARCHIVE"
		return
	fi
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-$release}")
	apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(TARGET_OF) $(REPO_URI)' |
		awk -v release="$codename" '$1 == release && $2 == "main" && $3 == "deb" && !seen[$4]++ { print $4 }'
}

# configure: the machine's apt settings (proxies and the like) with our folders and without hooks, which
# would act on the machine's own caches.
configure() {
	apt-config dump | grep -v -E '^(APT::Update::Post-Invoke|DPkg::(Pre|Post)-|Dir::(Etc|State|Cache)|APT::Default-Release)'
	cat <<END
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work/state";
Dir::State::status "$work/state/status";
Dir::Cache "$work/cache";
Dir::Cache::archives "archives/";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "3";
END
}
found=$(archives)
[ -n "$found" ] || die "no Debian archive in this machine's apt configuration; set QMPMIGRATE_DEBIAN_ARCHIVE"
configure >"$work/apt.conf"
export APT_CONFIG="$work/apt.conf"

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
options=
[ -r $keyring ] && options="[signed-by=$keyring] "

# select_archive: the first address that carries the release and its backports, signed.
select_archive() {
	for uri in $1; do
		for suite in "$release" "$release-updates" "$release-backports"; do
			echo "deb $options$uri $suite main"
		done >"$work/sources.list"
		echo "deb-src $options$uri $release-backports main" >>"$work/sources.list"
		if apt-get -qq -o APT::Update::Error-Mode=any update; then
			return 0
		fi
	done
	return 1
}
select_archive "$found" || die "no archive with $release and $release-backports among: $found"

# unpack VERSION SUITE: downloads that suite's QEMU with all it depends on and puts it in place.
unpack() {
	version=$1 suite=$2 root=$work/$1
	rm -f "$work"/cache/archives/*.deb
	apt-get -qq -y --no-install-recommends --download-only -t "$suite" install $packages ||
		die "QEMU $version could not be downloaded"
	mkdir -p "$root"
	for deb in "$work"/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$root"
	done
	rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/icons"
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
