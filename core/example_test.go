package core_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"qmpmigrate/core"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/savevm"
	"qmpmigrate/core/vmstate"
	"qmpmigrate/qapi"
)

// vm is a VMM's own machine, as small as can be: a page of memory and a device
// with one register.
type vm struct {
	ram      *memory.Block
	register uint32
}

func newVM() *vm {
	ram, err := memory.New("vm.ram", memory.PageSize)
	must(err)
	return &vm{ram: ram}
}

func (v *vm) Blocks() []*memory.Block { return []*memory.Block{v.ram} }

func (v *vm) Devices() []savevm.Device {
	return []savevm.Device{{IDStr: "uart", State: &vmstate.Description{
		Name: "uart", Version: 1, MinVersion: 1,
		Fields: []vmstate.Field{vmstate.Uint32("register", &v.register)},
	}}}
}

func (v *vm) Start() error {
	fmt.Println("running with", v.register, string(v.ram.Page(0)[:5]))
	return nil
}
func (v *vm) Stop()        {}
func (v *vm) Close() error { return v.ram.Close() }

// A VMM brings its memory, its devices and a way to stop and start its vCPUs;
// the rest is here.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "vm")
	must(err)
	defer os.RemoveAll(folder)
	uri := "unix:" + filepath.Join(folder, "migrate")

	destination := core.New(core.Config{Incoming: true}, "my-vmm-1.0", newVM())
	defer destination.Close()
	must(destination.MigrateIncoming(ctx, &qapi.MigrateIncomingArgs{URI: &uri}))

	guest := newVM()
	source := core.New(core.Config{}, "my-vmm-1.0", guest)
	defer source.Close()
	guest.register = 42
	copy(guest.ram.Page(0), "hello")
	guest.ram.MarkWritten(0)
	must(source.Launch())

	must(source.Migrate(ctx, &qapi.MigrateArgs{URI: &uri}))
	must(destination.Migration().Wait(ctx))
	must(source.Migration().Wait(ctx))
	fmt.Println("source", source.RunState(), "destination", destination.RunState())
	// Output:
	// running with 42 hello
	// running with 42 hello
	// source postmigrate destination running
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
