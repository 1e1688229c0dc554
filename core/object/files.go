package object

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// maxFile bounds the files of secrets, rules and certificates: far more than any of them needs.
const maxFile = 4 << 20

// readFile reads a small file. Its errors are worded as the library does that QEMU reads files with.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("Failed to open file “%s”: %s", path, system(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("Failed to read from file “%s”: %s", path, system(err))
	case len(text) > maxFile:
		return nil, fmt.Errorf("File “%s” is too large", path)
	}
	return text, nil
}

// system is the system's reason alone.
func system(err error) string {
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return err.Error()
	}
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
