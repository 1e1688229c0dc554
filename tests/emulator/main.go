package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Main is for TestMain: it runs a package's tests, for all of which qmpmigrate is built once, and ends the process.
func Main(m *testing.M) {
	status, err := withServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func withServer(m *testing.M) (status int, err error) {
	dir, err := os.MkdirTemp("", "qmbin")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	server, err := Server(dir)
	if err != nil {
		return 1, err
	}
	// Some tests start it in other folders.
	if server.Path, err = filepath.Abs(server.Path); err != nil {
		return 1, err
	}
	if err := os.Setenv("QMPMIGRATE_BINARY", server.Path); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
