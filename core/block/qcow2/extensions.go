package qcow2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

const (
	extensionEnd      = 0
	extensionBacking  = 0xe2792aca
	extensionFeatures = 0x6803f857
	extensionBitmaps  = 0x23852875
	extensionDataFile = 0x44415441
)

// extension is one of the pieces between the header and the backing file's name.
type extension struct {
	kind uint32
	data []byte
}

// parseExtensions decodes what lies behind the header, up to their end.
func parseExtensions(p []byte) (list []extension, err error) {
	for len(p) >= 8 {
		e := extension{kind: binary.BigEndian.Uint32(p)}
		length := uint64(binary.BigEndian.Uint32(p[4:]))
		p = p[8:]
		if length > uint64(len(p)) {
			return nil, errors.New("Header extension too large")
		}
		if e.kind == extensionEnd {
			return list, nil
		}
		e.data = p[:length]
		list = append(list, e)
		p = p[min((length+7)&^7, uint64(len(p))):]
	}
	return list, nil
}

// appendExtensions is the reverse, with the mark of the end.
func appendExtensions(p []byte, list []extension) []byte {
	for _, e := range append(list, extension{}) {
		p = binary.BigEndian.AppendUint32(p, e.kind)
		p = binary.BigEndian.AppendUint32(p, uint32(len(e.data)))
		p = append(p, e.data...)
		for len(p)%8 != 0 {
			p = append(p, 0)
		}
	}
	return p
}

// unsupported names the bits of mask as the image's own table of features does.
func unsupported(list []extension, mask uint64) error {
	var names []string
	for _, e := range list {
		if e.kind != extensionFeatures {
			continue
		}
		for row := e.data; len(row) >= 48; row = row[48:] {
			if bit := row[1]; row[0] == 0 && bit < 64 && mask>>bit&1 != 0 {
				name, _, _ := strings.Cut(string(row[2:48]), "\x00")
				names = append(names, name)
				mask &^= 1 << bit
			}
		}
	}
	if mask != 0 {
		names = append(names, fmt.Sprintf("Unknown incompatible feature: %x", mask))
	}
	return fmt.Errorf("Unsupported qcow2 feature(s): %s", strings.Join(names, ", "))
}
