// Command capture writes the streams in tests/testdata: what real QEMUs send for small machines that have
// not run yet. They are seeds of fuzz tests and the material of tests with broken streams. Machines have an
// empty BIOS and no option ROMs, so the streams hold nobody's code.
//
//	tests/qemu/install.sh && go run ./tests/capture tests/testdata
package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"qmpmigrate/tests/emulator"
)

// A machine to capture. Its stream is stopped ("prelaunch") and has one pass.
type machine struct {
	file, version, kind string
	args                []string
}

func machines() []machine {
	devices := []string{
		"-netdev", "hubport,id=n0,hubid=0", "-device", "virtio-net-pci,netdev=n0,romfile=",
		"-netdev", "hubport,id=n1,hubid=1", "-device", "e1000e,netdev=n1,romfile=",
		"-blockdev", "driver=null-co,node-name=d0,size=16777216", "-device", "virtio-blk-pci,drive=d0",
		"-device", "qemu-xhci,id=xhci", "-device", "usb-tablet,bus=xhci.0",
		"-device", "virtio-rng-pci", "-device", "virtio-serial-pci",
		"-uuid", "00112233-4455-6677-8899-aabbccddeeff", "-smp", "2",
	}
	return []machine{
		{"qemu-7.2-pc.stream.gz", "7.2", "pc-i440fx-7.2", nil},
		{"qemu-10.0-pc.stream.gz", "10.0", "pc-i440fx-10.0", nil},
		{"qemu-7.2-q35-devices.stream.gz", "7.2", "pc-q35-7.2", devices},
		{"qemu-10.0-q35-devices.stream.gz", "10.0", "pc-q35-10.0", devices},
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: capture FOLDER")
		os.Exit(2)
	}
	for _, m := range machines() {
		if err := m.capture(context.Background(), os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, "capture:", err)
			os.Exit(1)
		}
	}
}

// capture starts the machine stopped, migrates it into a file and stores that compressed in folder.
func (m machine) capture(ctx context.Context, folder string) error {
	program, err := emulator.QEMU(m.version)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "capture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bios := filepath.Join(dir, "bios")
	if err := os.WriteFile(bios, make([]byte, 256<<10), 0o600); err != nil {
		return err
	}
	args := append([]string{
		"-S", "-accel", "tcg", "-machine", m.kind, "-m", "16", "-nodefaults", "-bios", bios,
		// A few pages that are not zero, next to each other and apart.
		"-device", "loader,addr=0x5ff8,data=0x1122334455667788,data-len=8",
		"-device", "loader,addr=0x6000,data=0xcafe,data-len=2",
		"-device", "loader,addr=0xa00ffc,data=0x55aa55aa,data-len=4",
	}, m.args...)
	e, err := emulator.Start(ctx, program, "source", args...)
	if err != nil {
		return err
	}
	defer e.Close()
	stream := filepath.Join(dir, "stream")
	if err := e.MigrateTo(ctx, "exec:cat > "+stream); err != nil {
		return err
	}
	if _, err := e.WaitMigration(ctx, "completed"); err != nil {
		return err
	}
	return store(stream, filepath.Join(folder, m.file))
}

func store(from, to string) error {
	stream, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer file.Close()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := packed.Write(stream); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes\n", to, len(stream))
	return file.Close()
}
