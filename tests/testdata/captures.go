// Package testdata holds streams that real QEMUs sent, see tests/capture.
package testdata

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"strings"
)

//go:embed *.stream.gz
var files embed.FS

// A Capture is one stream.
type Capture struct {
	Name string
	Data []byte // the caller's
}

// Captures returns all streams.
func Captures() ([]Capture, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var captures []Capture
	for _, entry := range entries {
		packed, err := files.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		unpack, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(unpack)
		if err != nil {
			return nil, err
		}
		captures = append(captures, Capture{strings.TrimSuffix(entry.Name(), ".stream.gz"), data})
	}
	return captures, nil
}
