package libvirt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/interop/libvirt/daemons"
)

const (
	domain    = "guest"
	verbTime  = 4 * time.Minute // for one verb of virsh, on a busy machine
	pollTime  = 50 * time.Millisecond
	stateTime = 2 * time.Minute
)

// A kind is an emulator as domains name it.
type kind struct {
	path    string
	machine string // a machine type
	busy    string // and one whose guest writes more than any link carries
	// begun tells whether the guest of the domain writes its memory.
	begun func(*scene) error
	// verify looks at the memory of the domain; the guest may run.
	verify func(*scene) error
}

// definition is the domain, the same for all kinds but for the names of the machine type and the emulator, and for
// where files are. The firmware is the guest of a real QEMU, whose power management libvirt wants to be told of;
// qmpmigrate's is built in.
func (k kind) definition(machine, firmware, devices string) string {
	return fmt.Sprintf(`<domain type='qemu'>
  <name>%s</name>
  <uuid>5f1c3b1e-8a3e-4d6b-9c55-2f6f0d7a9e10</uuid>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='%s'>hvm</type>
    <loader type='rom'>%s</loader>
  </os>
  <features><acpi/></features>
  <devices>
    <emulator>%s</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>%s
  </devices>
</domain>
`, domain, machine, firmware, k.path, devices)
}

// What a domain of the machine type pc may have besides. A user's network 11.3 has only with emulators that have the
// command netdev_add.
const (
	disk = `
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='%s'/>
      <target dev='vda' bus='virtio'/>
    </disk>`
	card = `
    <interface type='user'><model type='virtio'/></interface>`
)

// A scene is a domain on one of two hosts, while a script is played.
type scene struct {
	*testing.T
	version string // of libvirt
	kind    kind
	pair    *daemons.Pair
	here    *daemons.Host // where the domain is
	said    string        // what the last verb printed
	from    map[*daemons.Host]int
	move    *move // the last migration that was begun
}

// A move is a migration, from virsh's start to its end.
type move struct {
	ended chan struct{}
	err   error // once ended
}

func newScene(t *testing.T, version string, k kind) *scene {
	pair := daemons.NeedPair(t, version, filepath.Dir(k.path), cacheDir(t))
	s := &scene{T: t, version: version, kind: k, pair: pair, here: pair.A}
	firmware := filepath.Join(pair.Shared, "firmware")
	emulator.Must(t, os.WriteFile(firmware, emulator.Firmware(), 0o644))
	image := s.file("disk.img")
	emulator.Must(t, os.WriteFile(image, make([]byte, 1<<20), 0o644))
	furniture := fmt.Sprintf(disk, image)
	if version == "9.0" {
		furniture += card
	}
	for name, text := range map[string]string{
		"guest.xml": k.definition(k.machine, firmware, ""),
		"busy.xml":  k.definition(k.busy, firmware, ""),
		"pc.xml":    k.definition("pc", firmware, furniture),
	} {
		emulator.Must(t, os.WriteFile(s.file(name), []byte(text), 0o644))
	}
	return s
}

func cacheDir(t *testing.T) string {
	dir, err := emulator.Dir()
	emulator.Must(t, err)
	return dir
}

// play plays steps one after another; what does not work ends the test.
func (s *scene) play(steps []step) {
	outer := s.T
	for _, st := range steps {
		if st.only != "" && st.only != s.version {
			continue
		}
		s.listen()
		ok := outer.Run(st.name, func(t *testing.T) {
			s.T = t
			defer func() {
				if t.Failed() {
					s.tell()
				}
			}()
			for _, do := range st.does {
				if err := do(s); err != nil {
					t.Fatal(err)
				}
			}
		})
		s.T = outer
		if !ok {
			outer.FailNow()
		}
	}
}

// listen has told, and what is logged of a failure, begin here.
func (s *scene) listen() {
	s.from = map[*daemons.Host]int{s.pair.A: len(s.pair.A.Log()), s.pair.B: len(s.pair.B.Log())}
}

// tell logs what both libvirts and emulators have said since the step, or its last migration, began.
func (s *scene) tell() {
	for h, from := range s.from {
		dialogue := s.dialogue(h)
		if len(dialogue) > 100_000 {
			dialogue = dialogue[len(dialogue)-100_000:]
		}
		s.Logf("%s, its domain's log:\n%s\nits own from byte %d:\n%s", h.Name, h.DomainLog(domain), from, dialogue)
	}
}

// dialogue is what a host's libvirtd has logged since then, without the blanks that only some put into JSON.
func (s *scene) dialogue(h *daemons.Host) string {
	return strings.ReplaceAll(h.Log()[s.from[h]:], `": `, `":`)
}

// there is the other host.
func (s *scene) there() *daemons.Host { return s.pair.Other(s.here) }

// file is a name that both hosts have for a file.
func (s *scene) file(name string) string { return filepath.Join(s.pair.Shared, name) }

func (s *scene) virsh(h *daemons.Host, args ...string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(s.Context(), verbTime, fmt.Errorf("it took longer than %v", verbTime))
	defer cancel()
	return h.Virsh(ctx, args...)
}

// poll waits until look finds nothing wrong any more.
func (s *scene) poll(look func() error) error {
	for end := time.Now().Add(stateTime); ; time.Sleep(pollTime) {
		err := look()
		if err == nil || time.Now().After(end) || s.Context().Err() != nil {
			return err
		}
	}
}

// reach waits until the domain is in a state on a host, as domstate tells, with the reason.
func (s *scene) reach(h *daemons.Host, state string) error {
	return s.poll(func() error {
		got, err := s.virsh(h, "domstate", "--reason", domain)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(got, state) {
			return fmt.Errorf("%s: the domain is %s, not %s", h.Name, got, state)
		}
		return nil
	})
}
