package interop

import (
	"testing"

	"qmpmigrate/tests/emulator"
)

// The harness itself: the same journeys without qmpmigrate.
func TestDirect(t *testing.T) {
	runJourneys(t, []journey{
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.TCP(), direct: true},
		{from: "7.2", to: "10.0", machine: "pc-i440fx-7.2", channel: emulator.Unix(), direct: true},
		{from: "7.2", to: "7.2", machine: "pc-q35-7.2", channel: emulator.Exec(), direct: true, devices: devices()},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.FD(), direct: true},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.File(), direct: true},
	})
}

// The main job: out of one QEMU, parked here, on in another.
func TestThroughAdopt(t *testing.T) {
	runJourneys(t, []journey{
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.TCP()},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.Unix()},
		{from: "7.2", to: "7.2", machine: "pc-i440fx-7.2", channel: emulator.TCP()},
		{from: "7.2", to: "7.2", machine: "pc-i440fx-7.2", channel: emulator.Unix()},
		{from: "7.2", to: "10.0", machine: "pc-i440fx-7.2", channel: emulator.TCP()},
		{from: "7.2", to: "10.0", machine: "pc-i440fx-7.2", channel: emulator.Unix()},
		{from: "7.2", to: "7.2", machine: "pc-i440fx-7.2", channel: emulator.Exec()},
		{from: "7.2", to: "10.0", machine: "pc-i440fx-7.2", channel: emulator.FD()},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.File()},
	})
}

// A source that waits for an answer keeps the channel open: the end of the stream is found all the same, and
// the answer is given. On the second leg ours is the source that waits.
func TestAnsweredThroughAdopt(t *testing.T) {
	runJourneys(t, []journey{
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.TCP(), answered: true},
		{from: "7.2", to: "10.0", machine: "pc-i440fx-7.2", channel: emulator.Unix(), answered: true},
		{from: "7.2", to: "7.2", machine: "pc-i440fx-7.2", channel: emulator.FD(), answered: true},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.TCP(), acked: true},
		{from: "10.0", to: "10.0", machine: "pc-i440fx-10.0", channel: emulator.Unix(), acked: true, direct: true},
	})
}

// The same with a machine full of devices, whose sections are of every kind.
func TestDevicesThroughAdopt(t *testing.T) {
	runJourneys(t, []journey{
		{from: "10.0", to: "10.0", machine: "pc-q35-10.0", channel: emulator.Unix(), devices: devices()},
		{from: "7.2", to: "7.2", machine: "pc-q35-7.2", channel: emulator.TCP(), devices: devices()},
		{from: "7.2", to: "10.0", machine: "pc-q35-7.2", channel: emulator.TCP(), devices: devices()},
	})
}

func runJourneys(t *testing.T, journeys []journey) {
	for _, j := range journeys {
		t.Run(j.name(), j.run)
	}
}

// devices are arguments for a machine with network cards, disks, USB, a clock and more. None of them talks
// to anything outside.
func devices() []string {
	return []string{
		"-netdev", "hubport,id=n0,hubid=0", "-device", "virtio-net-pci,netdev=n0",
		"-netdev", "user,id=n1,restrict=on", "-device", "e1000e,netdev=n1",
		"-blockdev", "driver=null-co,node-name=d0,read-zeroes=on,size=16777216",
		"-device", "virtio-blk-pci,drive=d0",
		"-device", "qemu-xhci,id=xhci", "-device", "usb-tablet,bus=xhci.0",
		"-device", "piix3-usb-uhci,id=uhci", "-device", "usb-kbd,bus=uhci.0",
		"-device", "virtio-rng-pci", "-device", "virtio-serial-pci", "-device", "virtio-balloon-pci",
		"-rtc", "base=2020-02-29T12:00:00,clock=vm",
		"-vga", "std",
	}
}
