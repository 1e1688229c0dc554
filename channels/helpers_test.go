package channels_test

import (
	"os"
	"strings"
	"testing"

	"qmpmigrate/channels"
)

// shortDir is a temporary folder whose path fits into a socket address, which t.TempDir's, made of the test's name,
// may not.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ch")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// address parses a URI in which DIR stands for a folder.
func address(t testing.TB, uri, dir string) channels.Address {
	t.Helper()
	a, err := channels.ParseURI(strings.ReplaceAll(uri, "DIR", dir))
	if err != nil {
		t.Fatalf("%s: %v", uri, err)
	}
	return a
}
