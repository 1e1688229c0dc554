package conduct

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// By postcopy into an adopting server and out of it, and between our own guests, which write all the time.
func TestVerbPostcopyWithOwn(t *testing.T) {
	emulator.NeedUserfaultfd(t)
	server := emulator.NeedServer(t)
	slowly := []string{"--bandwidth", "64M", "--downtime", "1ms", "--set", "max-postcopy-bandwidth=1G", "--postcopy-after"}
	// What is parked is not written: there must be something left, however late the verb notices the time.
	slower := append([]string{"--bandwidth", "8M"}, slowly[2:]...)
	from := inviteQEMU(t, "10.0", "source")
	park := invite(t, server, "park", "-machine", "adopt", "-nodefaults", "-incoming", "defer")
	to := inviteQEMU(t, "10.0", "destination", "-incoming", "defer")
	emulator.Must(t, from.WaitBooted(t.Context()))
	completes(t, migrateVerb(t, server, from, park, append(slowly, "pass:2")...))
	completes(t, migrateVerb(t, server, park, to, append(slower, "100ms")...))
	emulator.Must(t, to.WaitSerial(t.Context(), "B", 2))
	emulator.Must(t, to.Execute(t.Context(), "stop", nil, nil))
	emulator.Must(t, emulator.SameButCounters(t.Context(), from.Emulator, to.Emulator))

	guest := []string{"-machine", "memtest,workload=stress,rate=0", "-m", "128", "-nodefaults"}
	one, two := invite(t, server, "one", guest...), invite(t, server, "two", append(guest, "-incoming", "defer")...)
	completes(t, migrateVerb(t, server, one, two, append(slowly, "pass:2")...))
	var memory struct {
		Faulty int64 `json:"faulty-pages"`
	}
	emulator.Must(t, two.Execute(t.Context(), "x-verify-memory", nil, &memory))
	if memory.Faulty != 0 {
		t.Errorf("%d pages are wrong", memory.Faulty)
	}
	for _, e := range []*emulator.Emulator{from.Emulator, park.Emulator, one.Emulator} {
		m, err := e.QueryMigrate(t.Context())
		emulator.Must(t, err)
		if m.RAM.PostcopyBytes == 0 {
			t.Errorf("%s sent nothing in postcopy", e.Name)
		}
	}
}
