# Sourced by scripts that unpack Debian packages side by side, without installing anything.
#
# Nothing of the machine's apt state is touched, so no root is needed: apt resolves and downloads into a folder
# of its own, as if on an empty machine, so that every package that is needed, down to the C library, comes
# along. The archive's address comes from this machine's apt configuration, or from QMPMIGRATE_DEBIAN_ARCHIVE;
# packages are accepted with a valid signature of the archive only.
#
# Needs apt, dpkg-deb and flock.

release=bookworm

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# need TOOL...: tools that must be there.
need() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || die "$tool is needed (this works on Debian 12 and its like)"
	done
}

# open_archive FOLDER: waits for its turn in FOLDER and makes apt ready to download. Sets $work, a folder that
# goes with the script.
open_archive() {
	need apt-get apt-config dpkg-deb flock
	mkdir -p "$1"
	exec 9>"$1/.lock"
	flock 9 # two test runs may start at the same time; the second finds the work done

	work=$1/.work
	rm -rf "$work"
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
	: >"$work/state/status"

	found=$(archives)
	[ -n "$found" ] || die "no Debian archive in this machine's apt configuration; set QMPMIGRATE_DEBIAN_ARCHIVE"
	configure >"$work/apt.conf"
	export APT_CONFIG="$work/apt.conf"
	select_archive "$found" || die "no archive with $release and $release-backports among: $found"
}

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

# select_archive ADDRESSES: the first address that carries the release and its backports, signed.
select_archive() {
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	options=
	[ -r $keyring ] && options="[signed-by=$keyring] "
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

# unpack_packages ROOT SUITE PACKAGE...: puts that suite's packages, with all they depend on, into ROOT.
unpack_packages() {
	root=$1 suite=$2
	shift 2
	rm -f "$work"/cache/archives/*.deb
	apt-get -qq -y --no-install-recommends --download-only -t "$suite" install "$@" ||
		die "packages could not be downloaded from $suite: $*"
	mkdir -p "$root"
	for deb in "$work"/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$root"
	done
	rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/icons"
}
