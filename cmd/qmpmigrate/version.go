package main

import "qmpmigrate/qapi"

// version is what the greeting says: the QEMU whose control plane this is, and
// in the package what it really is.
func version() qapi.VersionInfo {
	return qapi.VersionInfo{
		QEMU:    qapi.VersionTriple{Major: 10},
		Package: "qmpmigrate",
	}
}

const versionText = "QEMU emulator version 10.0.0 (qmpmigrate)\n" +
	"qmpmigrate: QEMU's live migration outside QEMU\n"
