package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/qapi/qobject"
)

const (
	sectorSize = 512
	// suspendFlag is where in its boot sector the usual test guest of QEMU's harnesses is told to suspend itself.
	suspendFlag = 0xbe
)

// suspendsItself opens the disks as a machine that had them would, and says whether one of them is the boot sector of
// the usual test guest with its flag set.
func suspendsItself(conf *cmdline.Config) (suspends bool, err error) {
	look := func(where cmdline.Origin, file string) error {
		found, err := testSector(file)
		suspends = suspends || found
		if err != nil {
			return where.Errorf("%v", err)
		}
		return nil
	}
	for _, d := range conf.Drives {
		if err := look(d.Where, d.File); err != nil {
			return false, err
		}
	}
	for _, n := range conf.BlockNodes {
		if err := look(n.Where, nodeFile(n.Driver, n.Props)); err != nil {
			return false, err
		}
	}
	return suspends, nil
}

// nodeFile is the file at the end of a block node, or of the nodes that are described inside it.
func nodeFile(driver string, props *qobject.Dict) string {
	if driver == "file" {
		name, _ := props.Get("filename")
		text, _ := name.(string)
		return text
	}
	child, _ := props.Get("file")
	inner, ok := child.(*qobject.Dict)
	if !ok {
		return ""
	}
	name, _ := inner.Get("driver")
	text, _ := name.(string)
	return nodeFile(text, inner)
}

// testSector looks at an image that is a plain file.
func testSector(name string) (suspends bool, err error) {
	name = strings.TrimPrefix(name, "file:")
	if name == "" || strings.HasPrefix(name, "/dev/") || hasProtocol(name) {
		return false, nil
	}
	f, err := os.Open(name)
	if err != nil {
		if errno, ok := errors.AsType[syscall.Errno](err); ok {
			text := errno.Error()
			return false, errors.New("Could not open '" + name + "': " + strings.ToUpper(text[:1]) + text[1:])
		}
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, errors.New("'file' driver requires '" + name + "' to be a regular file")
	case info.Size() != sectorSize:
		return false, nil
	}
	var sector [sectorSize]byte
	if _, err := io.ReadFull(f, sector[:]); err != nil {
		return false, err
	}
	return sector[sectorSize-2] == 0x55 && sector[sectorSize-1] == 0xaa && sector[suspendFlag] == 1, nil
}

// hasProtocol says whether a name is that of something else than a file: nbd:..., json:{...}.
func hasProtocol(name string) bool {
	colon := strings.IndexByte(name, ':')
	return colon > 0 && !strings.Contains(name[:colon], "/")
}
