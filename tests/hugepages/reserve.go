// Package hugepages gives tests huge pages.
package hugepages

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// total is how many there are in the system; root may change it.
const total = "/proc/sys/vm/nr_hugepages"

// Reserve has n huge pages of 2 MiB free for the time of a test, making them where that is allowed; once in a test.
// Tests of other packages that want some, too, wait until it is over. Where they are not to be had the test fails: it
// would prove nothing.
func Reserve(t testing.TB, n int) {
	t.Helper()
	alone(t)
	missing := n - number(t, "/proc/meminfo", "HugePages_Free:") + number(t, "/proc/meminfo", "HugePages_Rsvd:")
	if missing <= 0 {
		return
	}
	before := number(t, total, "")
	err := os.WriteFile(total, []byte(strconv.Itoa(before+missing)), 0)
	if err == nil {
		t.Cleanup(func() { _ = os.WriteFile(total, []byte(strconv.Itoa(before)), 0) })
		if got := number(t, total, ""); got < before+missing {
			err = fmt.Errorf("of %d more there are %d", missing, got-before)
		}
	}
	if err != nil {
		t.Fatalf("%d huge pages are missing (as root: sysctl vm.nr_hugepages=%d): %v", missing, before+missing, err)
	}
}

// alone waits for others, and lets others wait until the test has ended.
func alone(t testing.TB) {
	t.Helper()
	f, err := os.Open(total)
	if err == nil {
		t.Cleanup(func() { f.Close() })
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// number reads what follows key in a file.
func number(t testing.TB, file, key string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), key)
	if fields := strings.Fields(rest); found && len(fields) > 0 {
		if n, err := strconv.Atoi(fields[0]); err == nil {
			return n
		}
	}
	t.Fatalf("%s has no number %s", file, key)
	return 0
}
