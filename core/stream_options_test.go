package core

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"qmpmigrate/core/inspect"
	"qmpmigrate/core/memory"
	"qmpmigrate/qapi"
)

// saved migrates a machine to a file and looks at what came out.
func saved(t *testing.T, src *side) (uri string, report *inspect.Report) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stream")
	src.send(t, "file:"+path)
	if s := src.wait(t); s != qapi.MigrationStatusCompleted {
		t.Fatalf("source %s: %s", s, src.Migration().Info().AppendJSON(nil))
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err = inspect.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return "file:" + path, report
}

// loaded loads a stream and gives what the machine says of it, empty where it took it.
func loaded(t *testing.T, dst *side, uri string) string {
	t.Helper()
	if err := dst.MigrateIncoming(t.Context(), &qapi.MigrateIncomingArgs{URI: &uri}); err != nil {
		t.Fatal(err)
	}
	if dst.wait(t) == qapi.MigrationStatusCompleted {
		return ""
	}
	return comes(t, dst.failed).Error()
}

func TestIgnoreShared(t *testing.T) {
	const pages, gpa = 300, 0x100000000
	shared := func(conf Config, address uint64) *side {
		s := newSide(t, pages, conf)
		s.block.Share()
		s.block.Place(address)
		return s
	}
	src := shared(Config{Paused: true}, gpa)
	src.enable(t, qapi.MigrationCapabilityXIgnoreShared)
	uri, report := saved(t, src)
	if got := report.Configuration.Capabilities; !slices.Equal(got, []string{"x-ignore-shared"}) {
		t.Errorf("capabilities %v", got)
	}
	if b := report.RAM.Blocks[0]; b.GPA != gpa || !b.HasGPA || b.Used != pages*memory.PageSize {
		t.Errorf("block %+v", b)
	}
	ram := src.Migration().Info().RAM
	if ram.Normal+ram.Duplicate != 0 || ram.Total != 0 || ram.Transferred > 4096 {
		t.Errorf("sent was %+v", ram)
	}

	for want, dst := range map[string]*side{
		"": shared(Config{Incoming: true, Paused: true}, gpa),
		"Mismatched GPAs for block counter.ram 4294967296!= 5":             shared(Config{Incoming: true}, 5),
		"Capability x-ignore-shared is off, but received capability is on": shared(Config{Incoming: true}, gpa),
	} {
		if !strings.Contains(want, "is off") {
			dst.enable(t, qapi.MigrationCapabilityXIgnoreShared)
		}
		if got := loaded(t, dst, uri); !strings.HasSuffix(got, want) || (got == "") != (want == "") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	// A block of its own is sent all the same.
	own := newSide(t, pages, Config{Paused: true})
	own.enable(t, qapi.MigrationCapabilityXIgnoreShared)
	if saved(t, own); own.Migration().Info().RAM.Normal != pages {
		t.Errorf("of a block that is not shared: %+v", own.Migration().Info().RAM)
	}
}

func TestValidateUUID(t *testing.T) {
	mine, other := uuid.New(), uuid.New()
	src := newSide(t, 2, Config{Paused: true, UUID: mine})
	src.enable(t, qapi.MigrationCapabilityValidateUUID)
	uri, report := saved(t, src)
	if !bytes.Equal(report.Configuration.UUID, mine[:]) {
		t.Errorf("UUID %v", report.Configuration.UUID)
	}
	for id, want := range map[uuid.UUID]string{
		mine: "", uuid.Nil: "", other: "UUID received is " + mine.String() + " and local is " + other.String(),
	} {
		var said []string
		conf := Config{Incoming: true, UUID: id, Report: func(text string) { said = append(said, text) }}
		if got := loaded(t, newSide(t, 2, conf), uri); !strings.HasSuffix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: %q", id, got)
		}
		warned := slices.Equal(said, []string{"warning: UUID is received " + mine.String() + ", but local uuid isn't set"})
		if (id == uuid.Nil) != warned || !warned && len(said) > 0 {
			t.Errorf("%s: said %q", id, said)
		}
	}
	// Without the capability nothing is compared.
	if _, report := saved(t, newSide(t, 2, Config{Paused: true, UUID: mine})); report.Configuration.UUID != nil {
		t.Error("a UUID was sent that nobody asked for")
	}
}

// bare is a machine whose stream lacks what very old machine types did not have.
func bare(t *testing.T, conf Config) *side {
	s := newSide(t, 50, conf)
	for _, name := range []string{"send-configuration", "send-section-footer", "store-global-state", "send-switchover-start"} {
		if err := s.Migration().SetProperty(name, "off"); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestBareStreams(t *testing.T) {
	src := bare(t, Config{Paused: true})
	path := filepath.Join(t.TempDir(), "stream")
	src.send(t, "file:"+path)
	src.wait(t)
	text, err := os.ReadFile(path)
	if err != nil || text[8] != 1 || strings.Contains(string(text), "globalstate") {
		t.Fatalf("%v, element %d follows the header", err, text[8])
	}
	dst := bare(t, Config{Incoming: true})
	if got := loaded(t, dst, "file:"+path); got != "" {
		t.Error(got)
	}
	// What state the source was in is not told: it was running, for all that is known.
	if dst.RunState() != qapi.RunStateRunning {
		t.Errorf("destination is %s", dst.RunState())
	}
	dst.counter.Stop()
	dst.verify(t)
	if got := loaded(t, newSide(t, 50, Config{Incoming: true}), "file:"+path); !strings.HasSuffix(got, "Configuration section missing") {
		t.Error(got)
	}
}

// Pages that are zero go in full where nobody is to look for them.
func TestZeroPagesAreKept(t *testing.T) {
	src := newSide(t, 64, Config{Paused: true})
	for p := range src.block.Pages() {
		clear(src.block.Page(p))
	}
	src.set(t, qapi.MigrateSetParameters{ZeroPageDetection: new(qapi.ZeroPageDetectionNone)})
	if saved(t, src); src.Migration().Info().RAM.Normal != 64 {
		t.Errorf("sent %+v", src.Migration().Info().RAM)
	}
}
