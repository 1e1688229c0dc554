package interop

import (
	"fmt"
	"testing"

	"qmpmigrate/tests/emulator"
)

// needLoopback skips a test where a machine cannot talk to itself over vsock.
func needLoopback(t *testing.T) {
	t.Helper()
	if err := emulator.VsockLoopback(); err != nil {
		t.Skip("no vsock loopback: ", err)
	}
}

// Over vsock a VM goes as over any other socket, on lanes, too.
func TestVsockThroughAdopt(t *testing.T) {
	needLoopback(t)
	const machine = "pc-i440fx-10.0"
	t.Run("one channel", journey{from: "10.0", to: "10.0", machine: machine, channel: emulator.Vsock()}.run)
	t.Run("lanes", laned{from: "10.0", to: "10.0", machine: machine, lanes: 2, channel: emulator.Vsock()}.run)
}

func TestVsockPair(t *testing.T) {
	needLoopback(t)
	for _, lanes := range []bool{false, true} {
		t.Run(fmt.Sprintf("lanes_%v", lanes), func(t *testing.T) {
			const memory = 32
			launch := func(name string, extra ...string) *emulator.Emulator {
				e := emulator.Launch(t, emulator.NeedServer(t), name, append([]string{
					"-machine", "memtest,workload=stress,rate=1M", "-m", fmt.Sprint(memory), "-nodefaults"}, extra...)...)
				if lanes {
					emulator.Must(t, e.SetCapabilities(t.Context(), "multifd"))
				}
				return e
			}
			src, dst := launch("source"), launch("destination", "-incoming", "defer")
			emulator.Must(t, src.SetParameters(t.Context(), fast))
			move(t, emulator.Vsock(), src, dst)
			provenAll(t, dst, memory<<20)
		})
	}
}
