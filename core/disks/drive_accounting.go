package disks

import (
	"strconv"
	"strings"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

// Accounting is what the keys of -drive say of how accesses are counted.
type Accounting struct {
	IgnoreInvalid, IgnoreFailed bool
	// Intervals is for how many lengths of time averages are asked for, which
	// nobody forms here.
	Intervals int
}

// AccountingOf reads the keys of -drive.
func AccountingOf(keys *qobject.Dict) (a Accounting, err error) {
	off := func(key string) bool {
		value, given := keys.Get(key)
		return given && !isOn(value)
	}
	a.IgnoreInvalid, a.IgnoreFailed = off("stats-account-invalid"), off("stats-account-failed")
	given := 0
	for key := range keys.All() {
		if strings.HasPrefix(key, intervals) {
			given++
		}
	}
	for ; a.Intervals < given; a.Intervals++ {
		value, ok := keys.Get(intervals + strconv.Itoa(a.Intervals))
		if !ok {
			break // they are numbered one by one
		}
		text, _ := value.(string)
		if n, err := strconv.ParseUint(text, 10, 32); err != nil || n == 0 {
			return a, qapi.Errorf("Invalid interval length: %s", text)
		}
	}
	for key := range keys.All() {
		if rest, ok := strings.CutPrefix(key, intervals); ok {
			if n, err := strconv.Atoi(rest); err != nil || n >= a.Intervals {
				return a, qapi.Errorf("Invalid option %s", key)
			}
		}
	}
	return a, nil
}

const intervals = "stats-intervals."
