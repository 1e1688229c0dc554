package harness

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// Nobody is answered before the VM runs, as by QEMU, however long it takes to fill its memory: there is no machine that
// is about to begin, and nobody hears of what its guest does then.
func TestFirstAnswer(t *testing.T) {
	vm := emulator.Launch(t, emulator.NeedServer(t), "server", "-machine", "memtest,workload=stress,fill=100", "-m", "512",
		"-nodefaults", "-device", "virtio-net-pci,id=s0,failover=on")
	state, err := vm.RunState(t.Context())
	emulator.Must(t, err)
	if events := vm.Monitor.Events(); state != "running" || len(events) > 0 {
		t.Errorf("the VM is %s after %v", state, events)
	}
}
