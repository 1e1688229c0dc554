package channels

import (
	"strings"
)

// offsetKey begins the only option of file: URIs.
const offsetKey = ",offset="

// parseFile reads `PATH[,offset=SIZE]`. The first offset ends the path; other commas belong to it.
func parseFile(text string) (Address, error) {
	a := FileAddress{Path: text}
	if path, size, found := strings.Cut(text, offsetKey); found {
		offset, err := parseSize(size)
		if err != nil {
			return Address{}, fail("file URI has bad offset "+size, err)
		}
		a.Path, a.Offset = path, offset
	}
	return Address{Transport: TransportFile, File: a}, nil
}
