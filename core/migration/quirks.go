package migration

import (
	"fmt"
	"strconv"
	"strings"

	"qmpmigrate/core/savevm"
	"qmpmigrate/qapi"
)

// quirks are what the stream of a machine has or lacks, which follows the
// version of its machine type: both ends have the same.
type quirks struct {
	storeGlobalState    bool
	sendConfiguration   bool
	sendSectionFooter   bool
	sendSwitchoverStart bool
	// earlyPreempt: the preempt channel comes with the main one, and an EOS record ends it.
	earlyPreempt bool
	// syncSections: lanes are in step at the end of each body of the ram section.
	syncSections bool
	// cleanTLS: the source says so before it ends the TLS of a lane.
	cleanTLS         bool
	clearBitmapShift uint8
}

// version is that of a QEMU machine type.
type version struct{ major, minor int }

func (v version) upTo(major, minor int) bool {
	return v.major < major || v.major == major && v.minor <= minor
}

// newest is what a machine has that is not QEMU's.
var newest = version{major: 1 << 30}

// machineVersion takes the version from the name of a QEMU machine type
// ("pc-i440fx-7.2", "pc-q35-10.0"). Other names count as the newest.
func machineVersion(name string) version {
	if !strings.HasPrefix(name, "pc-") {
		return newest
	}
	first, rest, found := strings.Cut(name[strings.LastIndexByte(name, '-')+1:], ".")
	major, err := strconv.Atoi(first)
	if !found || err != nil {
		return newest
	}
	minor, err := strconv.Atoi(rest)
	if err != nil {
		return newest
	}
	return version{major, minor}
}

// quirks are those of a machine type, unless properties say otherwise.
func (o *options) quirks(machine string) quirks {
	v := machineVersion(machine)
	o.mu.Lock()
	defer o.mu.Unlock()
	q := quirks{
		storeGlobalState:    !v.upTo(2, 3),
		sendConfiguration:   !v.upTo(2, 3),
		sendSectionFooter:   !v.upTo(2, 3),
		sendSwitchoverStart: !v.upTo(9, 2),
		earlyPreempt:        v.upTo(7, 2),
		syncSections:        v.upTo(8, 0),
		cleanTLS:            !v.upTo(9, 2),
		clearBitmapShift:    o.clearBitmapShift,
	}
	for name, to := range map[string]*bool{
		"store-global-state":    &q.storeGlobalState,
		"send-configuration":    &q.sendConfiguration,
		"send-section-footer":   &q.sendSectionFooter,
		"send-switchover-start": &q.sendSwitchoverStart,
		"x-preempt-pre-7-2":     &q.earlyPreempt,

		"multifd-flush-after-each-section": &q.syncSections,
		"multifd-clean-tls-termination":    &q.cleanTLS,
	} {
		if forced, ok := o.forced[name]; ok {
			*to = forced
		}
	}
	return q
}

func (q *quirks) format() savevm.Format {
	return savevm.Format{NoConfiguration: !q.sendConfiguration, NoFooters: !q.sendSectionFooter}
}

// globalState is the section with the run state.
const globalState = "globalstate"

func (q *quirks) leavesOut(d savevm.Device) bool {
	return d.IDStr == globalState && !q.storeGlobalState
}

// What QEMU's way of clearing its dirty log accepts.
const (
	defaultClearBitmapShift = 18
	minClearBitmapShift     = 6
	maxClearBitmapShift     = 31
)

// report tells of a value that a source cannot use as it is. There is nothing
// to shift here: a dirty log is taken as a whole.
func (q *quirks) report(to Host) {
	switch n := q.clearBitmapShift; {
	case n > maxClearBitmapShift:
		to.Report(fmt.Sprintf("clear_bitmap_shift (%d) too big, using max value (%d)", n, maxClearBitmapShift))
	case n < minClearBitmapShift:
		to.Report(fmt.Sprintf("clear_bitmap_shift (%d) too small, using min value (%d)", n, minClearBitmapShift))
	}
}

// MachineType applies the values of parameters that came with later machine types.
func (m *Migration) MachineType(name string) {
	o := m.options
	o.mu.Lock()
	defer o.mu.Unlock()
	if machineVersion(name).upTo(8, 2) {
		o.parameters.ZeroPageDetection = new(qapi.ZeroPageDetectionLegacy)
	}
}

// adopted is MachineType for a type that is known now that the machine is here:
// an old QEMU would lose pages that lanes tell to be zero.
func (m *Migration) adopted(name string) {
	if m.options.zeroPages() == qapi.ZeroPageDetectionMultifd {
		m.MachineType(name)
	}
}
