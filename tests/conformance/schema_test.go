package conformance

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// schemaScript is what differences of the schema are listed under.
const schemaScript = "schema"

// TestSchema compares the live answers of query-qmp-schema of QEMU 10.0 and of qmpmigrate.
func TestSchema(t *testing.T) {
	if *rewrite || *binary != "" {
		t.Skip("compares QEMU 10.0 and qmpmigrate only")
	}
	listed := needDifferences(t)
	theirs, ours := askSchema(t, Reference), askSchema(t, "ours")
	if len(theirs) < 200 || len(ours) < 50 {
		t.Fatalf("only %d and %d commands and events", len(theirs), len(ours))
	}
	facts := 0
	for name := range ours {
		facts += len(theirs[name])
	}
	differences := theirs.Compare(ours)
	for _, d := range differences {
		if listed.Reason("ours", schemaScript, []string{d}) == "" {
			t.Errorf("%s has no reason for: %s", differencesFile, d)
		}
	}
	for _, unused := range listed.Unused(func(script string) bool { return script == schemaScript }) {
		t.Errorf("%s: listed, but does not occur: %s", differencesFile, unused)
	}
	t.Logf("%d of QEMU's %d commands and events, with %d facts about them; %d differences", len(ours), len(theirs), facts, len(differences))
}

func askSchema(t *testing.T, tag string) Surface {
	t.Helper()
	// With an id it is no request that is repeated until the answer is that of the script.
	s, err := Parse("schema.qmp", "# What is on offer.\n-> {\"id\": 1, \"execute\": \"query-qmp-schema\"}\n<- one line\n")
	emulator.Must(t, err)
	side, err := needSide(t, tag)
	emulator.Must(t, err)
	replies, err := Play(t.Context(), side, s, false)
	emulator.Must(t, err)
	surface, err := ParseSurface(replies[1][0])
	emulator.Must(t, err)
	return surface
}
