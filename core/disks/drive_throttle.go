package disks

import (
	"slices"
	"strings"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// throttles are the old names of the limits of a -drive, and the new ones without "throttling.".
func throttles() map[string]string {
	return map[string]string{
		"iops": "iops-total", "iops_rd": "iops-read", "iops_wr": "iops-write", "iops_size": "iops-size",
		"bps": "bps-total", "bps_rd": "bps-read", "bps_wr": "bps-write",
		"iops_max": "iops-total-max", "iops_rd_max": "iops-read-max", "iops_wr_max": "iops-write-max",
		"bps_max": "bps-total-max", "bps_rd_max": "bps-read-max", "bps_wr_max": "bps-write-max", "group": "group",
	}
}

// Throttling takes the limits of a -drive out of its keys, and says whether
// there are any: they are checked, and hold nothing up here.
func Throttling(keys *qobject.Dict) (rest *qobject.Dict, limited bool, err error) {
	rest = qobject.NewDict()
	limits := map[string]int64{}
	known := []string{"group", "iops-size"}
	for _, unit := range []string{"iops", "bps"} {
		for _, way := range []string{"-total", "-read", "-write"} {
			known = append(known, unit+way, unit+way+"-max", unit+way+"-max-length")
		}
	}
	for key, value := range keys.All() {
		name, ok := throttles()[key]
		if !ok {
			name, ok = strings.CutPrefix(key, "throttling.")
		}
		if !ok || !slices.Contains(known, name) {
			rest.Set(key, value)
			continue
		}
		if name == "group" {
			continue
		}
		text, _ := value.(string)
		n, err := scalar.Int(text)
		if err != nil || n < 0 {
			return nil, false, qapi.Errorf("Parameter 'throttling.%s' expects a number", name)
		}
		limits[name] = n
		limited = limited || n > 0
	}
	return rest, limited, contradiction(limits)
}

// contradiction says which limits cannot hold together.
func contradiction(limits map[string]int64) error {
	for _, unit := range []string{"iops", "bps"} {
		for _, kind := range []string{"", "-max"} {
			if limits[unit+"-total"+kind] != 0 && (limits[unit+"-read"+kind] != 0 || limits[unit+"-write"+kind] != 0) {
				return qapi.Errorf("bps/iops/max total values and read/write values cannot be used at the same time")
			}
		}
		for _, way := range []string{"-total", "-read", "-write"} {
			switch most, usual := limits[unit+way+"-max"], limits[unit+way]; {
			case most != 0 && usual == 0:
				return qapi.Errorf("bps_max/iops_max require corresponding bps/iops values")
			case most != 0 && most < usual:
				return qapi.Errorf("bps_max/iops_max cannot be lower than bps/iops")
			}
		}
	}
	if limits["iops-size"] != 0 && limits["iops-total"] == 0 && limits["iops-read"] == 0 && limits["iops-write"] == 0 {
		return qapi.Errorf("iops size requires an iops value to be set")
	}
	return nil
}
