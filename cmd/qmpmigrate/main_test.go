package main

import (
	"os"
	"strings"
	"testing"

	"qmpmigrate/core/guest/memtest"
)

func TestMain(m *testing.M) {
	memtest.BecomeVCPUs()
	os.Exit(m.Run())
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
