package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// sameFiles compares two files of memory. The error names the first page that
// differs.
func sameFiles(one, other string) error {
	a, err := os.Open(one)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := os.Open(other)
	if err != nil {
		return err
	}
	defer b.Close()
	const chunk = 1 << 20
	bufA, bufB := make([]byte, chunk), make([]byte, chunk)
	for at := int64(0); ; at += chunk {
		nA, errA := io.ReadFull(a, bufA)
		nB, errB := io.ReadFull(b, bufB)
		if nA != nB {
			return errors.New("one is longer than the other")
		}
		if i := differs(bufA[:nA], bufB[:nB]); i >= 0 {
			return fmt.Errorf("the page at %#x differs", (at+int64(i))&^0xfff)
		}
		for _, err := range []error{errA, errB} {
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return err
			}
		}
		if nA < chunk {
			return nil
		}
	}
}

// differs is the first index at which a and b, equally long, differ, or -1.
func differs(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}
