package memtest

import (
	"encoding/json"
	"fmt"
	"slices"

	"qmpmigrate/core/guest/child"
)

// The first byte of a message says what it is; the rest is JSON or nothing.
const (
	// To the process of the vCPUs.
	msgSetup = 'm' // first of all, with the files of memory and of the sharedPage
	msgShift = 's' // a shift begins

	// From it.
	msgReady   = 'r' // with a userfaultfd and a pagemap
	msgFailed  = 'f' // text, instead of msgReady
	msgSerial  = 'o' // something was put into the serial port
	msgSuspend = 'z' // the guest wants to be suspended
)

type setupMessage struct {
	Size   uint64
	Offset int64 // in the file
	VCPUs  int
	// DirtyRing is how many pages a vCPU's ring takes; 0: there are none.
	DirtyRing int
	// Inside is whom the process becomes when it has all this.
	Inside child.Identity
}

type readyMessage struct{ Base uint64 }

type shiftMessage struct {
	Shift    uint64
	Workload string
	Options  json.RawMessage
}

func encodeMessage(kind byte, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	return append([]byte{kind}, text...), err
}

func encodeShift(shift uint64, w Workload) ([]byte, error) {
	options, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	return encodeMessage(msgShift, shiftMessage{shift, w.Name(), options})
}

// workload makes the workload that the message names.
func (m *shiftMessage) workload() (Workload, error) {
	all := workloads()
	i := slices.IndexFunc(all, func(w Workload) bool { return w.Name() == m.Workload })
	if i < 0 {
		return nil, fmt.Errorf("unknown workload %q", m.Workload)
	}
	return all[i], json.Unmarshal(m.Options, all[i])
}
