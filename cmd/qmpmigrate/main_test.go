package main

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"qmpmigrate/core/guest/memtest"
)

func TestMain(m *testing.M) {
	memtest.BecomeVCPUs()
	os.Exit(m.Run())
}

// eventually waits for what another goroutine or process brings about.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not come about", what)
		}
	}
}

// drawing is a terminal on which somebody draws while others look.
type drawing struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *drawing) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(p)
}

func (d *drawing) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// Every verb is listed, and explains itself with examples of its own name.
func TestVerbs(t *testing.T) {
	usages := map[string]string{"migrate": migrateUsage, "shell": shellUsage, "inspect": inspectUsage, "demo": demoUsage}
	for _, v := range verbs() {
		if !strings.Contains(verbList(), "\n  "+v.name) && !strings.HasPrefix(verbList(), "  "+v.name) {
			t.Errorf("%s is not listed", v.name)
		}
		if usage := usages[v.name]; v.name != "help" && (!strings.HasPrefix(usage, "usage: qmpmigrate "+v.name) || !strings.Contains(usage, "Exit status: ")) {
			t.Errorf("%s is not explained", v.name)
		}
	}
	for args, want := range map[string]int{"help": 0, "help shell": 0, "help help": 2, "help nothing": 2, "nothing": 2} {
		if got := run(append([]string{"qmpmigrate"}, strings.Fields(args)...)); got != want {
			t.Errorf("%s: status %d", args, got)
		}
	}
}
