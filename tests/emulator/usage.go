package emulator

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// clockTick is the unit of CPU times in /proc, the same on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// CPUTime returns the CPU time that the process has used, in user and kernel mode, all threads.
func (e *Emulator) CPUTime() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", e.PID()))
	if err != nil {
		return 0, err
	}
	return parseCPUTime(stat)
}

// parseCPUTime takes fields 14 and 15 of a line whose second field, the command, may hold blanks.
func parseCPUTime(stat []byte) (time.Duration, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("unexpected /proc stat line %q", stat)
	}
	user, err := strconv.ParseInt(string(fields[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(string(fields[12]), 10, 64)
	if err != nil {
		return 0, err
	}
	return time.Duration(user+system) * clockTick, nil
}

// OwnPeak returns the memory that this process has had resident at most, in bytes.
func OwnPeak() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	return parseStatusKiB(status, "VmHWM:")
}

// ResidentMemory returns the memory that the process has resident now, and at most so far, in bytes.
func (e *Emulator) ResidentMemory() (now, most int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.PID()))
	if err != nil {
		return 0, 0, err
	}
	if now, err = parseStatusKiB(status, "VmRSS:"); err != nil {
		return 0, 0, err
	}
	most, err = parseStatusKiB(status, "VmHWM:")
	return now, most, err
}

func parseStatusKiB(status []byte, key string) (int64, error) {
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == key {
			n, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc status", key)
}
