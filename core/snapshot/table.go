package snapshot

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"qmpmigrate/core/block"
)

// Table shows the snapshots of all disks as QEMU 10.0 does, times in zone.
func (s *Set) Table(zone *time.Location) (string, error) {
	whole, err := s.whole()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("List of snapshots present on all disks:\n")
	if len(whole) == 0 {
		b.WriteString("None\n")
	} else {
		rows(&b, whole, zone)
	}
	none := true
	for _, d := range s.disks {
		if !d.can() {
			continue
		}
		list := d.list()
		none = none && len(list) == 0
		list = slices.DeleteFunc(list, func(snap block.Snapshot) bool {
			return slices.ContainsFunc(whole, func(w block.Snapshot) bool { return w.Name == snap.Name })
		})
		if len(list) > 0 {
			fmt.Fprintf(&b, "\nList of partial (non-loadable) snapshots on '%s':\n", d.drive)
			rows(&b, list, zone)
		}
	}
	if none {
		return "There is no snapshot available.\n", nil
	}
	return b.String(), nil
}

// whole lists the snapshots that every disk has.
func (s *Set) whole() (list []block.Snapshot, err error) {
	keeper, err := s.Keeper("")
	if err != nil {
		return nil, err
	}
	for _, snap := range (&disk{node: keeper}).list() {
		if s.Has(snap.Name) {
			snap.ID = "--" // on each disk it may be another one
			list = append(list, snap)
		}
	}
	return list, nil
}

// Names lists the names of the snapshots that every disk has.
func (s *Set) Names() (names []string) {
	list, _ := s.whole()
	for _, snap := range list {
		names = append(names, snap.Name)
	}
	return names
}

const columns = "%-7s %-16s %8s %19s %15s %10s\n"

func rows(b *strings.Builder, list []block.Snapshot, zone *time.Location) {
	fmt.Fprintf(b, columns, "ID", "TAG", "VM_SIZE", "DATE", "VM_CLOCK", "ICOUNT")
	for _, s := range list {
		icount := "--"
		if s.Icount != -1 {
			icount = fmt.Sprint(s.Icount)
		}
		c := s.Clock
		clock := fmt.Sprintf("%04d:%02d:%02d.%03d", int64(c.Hours()), int64(c.Minutes())%60, int64(c.Seconds())%60, c.Milliseconds()%1000)
		fmt.Fprintf(b, columns, s.ID, s.Name, size(s.VMStateSize), s.Date.In(zone).Format("2006-01-02 15:04:05"), clock, icount)
	}
}

// size shows a number of bytes with three digits.
func size(n int64) string {
	_, exp := math.Frexp(float64(n) / (1000.0 / 1024))
	unit := max(exp-1, 0) / 10
	return fmt.Sprintf("%.3g %sB", float64(n)/float64(int64(1)<<(10*unit)), []string{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}[unit])
}
