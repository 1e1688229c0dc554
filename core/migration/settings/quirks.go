package settings

import (
	"fmt"
	"strings"

	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// Quirks are what the stream of a machine has or lacks, which follows the
// version of its machine type: both ends have the same.
type Quirks struct {
	StoreGlobalState    bool
	SendConfiguration   bool
	SendSectionFooter   bool
	SendSwitchoverStart bool
	// EarlyPreempt: the preempt channel comes with the main one, and an EOS record ends it.
	EarlyPreempt bool
	// SyncSections: lanes are in step at the end of each body of the ram section.
	SyncSections bool
	// CleanTLS: the source says so before it ends the TLS of a lane.
	CleanTLS bool
	// ClearBitmapShift is how much of the dirty log QEMU clears at once: pages, as a power of two.
	ClearBitmapShift uint8
}

// version is that of a QEMU machine type.
type version struct{ major, minor int }

func (v version) upTo(major, minor int) bool {
	return v.major < major || v.major == major && v.minor <= minor
}

// newest is what a machine has that is not QEMU's.
var newest = version{major: 1 << 30}

// machineVersion takes the version from the name of a QEMU machine type that has
// one ("pc-q35-10.0", "virt-7.2", "s390-ccw-virtio-9.0"); what a distribution puts
// behind it ("pc-q35-9.0+pve1") changes nothing.
func machineVersion(name string) (v version, ok bool) {
	at := strings.LastIndexByte(name, '-')
	switch family := name[:max(at, 0)]; {
	case strings.HasPrefix(family, "pc-"):
	case family == "pc", family == "virt", family == "pseries", family == "s390-ccw-virtio":
	default:
		return version{}, false
	}
	n, err := fmt.Sscanf(name[at+1:], "%d.%d", &v.major, &v.minor)
	return v, n == 2 && err == nil
}

// version is that of a machine type. One without counts as the newest, unless
// it came from an old QEMU.
func (s *Settings) version(machine string) version {
	v, ok := machineVersion(machine)
	switch {
	case ok:
		return v
	case s.oldStream:
		return version{9, 2}
	}
	return newest
}

// Quirks are those of a machine type, unless properties say otherwise.
func (s *Settings) Quirks(machine string) Quirks {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.version(machine)
	q := Quirks{
		StoreGlobalState:    !v.upTo(2, 3),
		SendConfiguration:   !v.upTo(2, 3),
		SendSectionFooter:   !v.upTo(2, 3),
		SendSwitchoverStart: !v.upTo(9, 2),
		EarlyPreempt:        v.upTo(7, 2),
		SyncSections:        v.upTo(8, 0),
		CleanTLS:            !v.upTo(9, 2),
		ClearBitmapShift:    s.clearBitmapShift,
	}
	for name, to := range map[string]*bool{
		"store-global-state":    &q.StoreGlobalState,
		"send-configuration":    &q.SendConfiguration,
		"send-section-footer":   &q.SendSectionFooter,
		"send-switchover-start": &q.SendSwitchoverStart,
		"x-preempt-pre-7-2":     &q.EarlyPreempt,

		"multifd-flush-after-each-section": &q.SyncSections,
		"multifd-clean-tls-termination":    &q.CleanTLS,
	} {
		if forced, ok := s.forced[name]; ok {
			*to = forced
		}
	}
	return q
}

// Format is what of the stream is left out.
func (q *Quirks) Format() savevm.Format {
	return savevm.Format{NoConfiguration: !q.SendConfiguration, NoFooters: !q.SendSectionFooter}
}

// globalState is the section with the run state.
const globalState = "globalstate"

// LeavesOut says whether a device is not sent.
func (q *Quirks) LeavesOut(d savevm.Device) bool {
	return d.IDStr == globalState && !q.StoreGlobalState
}

// What QEMU's way of clearing its dirty log accepts.
const (
	defaultClearBitmapShift = 18
	minClearBitmapShift     = 6
	maxClearBitmapShift     = 31
)

// Warning tells of a value that a source cannot use as it is, "" for none. There
// is nothing to shift here: a dirty log is taken as a whole.
func (q *Quirks) Warning() string {
	switch n := q.ClearBitmapShift; {
	case n > maxClearBitmapShift:
		return fmt.Sprintf("clear_bitmap_shift (%d) too big, using max value (%d)", n, maxClearBitmapShift)
	case n < minClearBitmapShift:
		return fmt.Sprintf("clear_bitmap_shift (%d) too small, using min value (%d)", n, minClearBitmapShift)
	}
	return ""
}

// MachineType applies the values of parameters that came with later machine types.
func (s *Settings) MachineType(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version(name).upTo(8, 2) {
		s.parameters.ZeroPageDetection = new(qapi.ZeroPageDetectionLegacy)
	}
}

// Adopted is MachineType for a type that is known now that the machine is here:
// an old QEMU would lose pages that lanes tell to be zero. old: no SWITCHOVER_START
// came with it, so the QEMUs that have it are older than 10.0, and do not know that.
func (s *Settings) Adopted(name string, old bool) {
	s.mu.Lock()
	s.oldStream = old
	s.mu.Unlock()
	if s.ZeroPages() == qapi.ZeroPageDetectionMultifd {
		s.MachineType(name)
	}
}
