package cmdline_test

import (
	"fmt"
	"os"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
)

func ExampleParse() {
	cfg, _, err := cmdline.Parse("qmpmigrate", []string{
		"-machine", "memtest,rate=0x10,working-set=1.5M", "-m", "512", "-smp", "2",
		"-qmp", "unix:/run/q,server=on,wait=off", "-incoming", "defer",
	})
	if err != nil {
		os.Exit(cmdline.Report("qmpmigrate", err, nil, os.Stdout, os.Stderr))
	}
	props := cfg.Machine.Props
	fmt.Println(cfg.Machine.Type, props.Uint("rate", 0), props.Size("working-set", 0), props.Finish(cfg.Machine.Type))
	fmt.Println(cfg.Memory.Size>>20, "MiB,", cfg.SMP.CPUs, "vCPUs,", cfg.QMP[0].Chardev, cfg.Incoming[0].URI)
	// Output:
	// memtest 16 1572864 <nil>
	// 512 MiB, 2 vCPUs, unix:/run/q defer
}

func ExampleReport() {
	for _, args := range [][]string{{"-qmp", "bogus"}, {"-machine", "memtest,foo=1"}} {
		cfg, _, err := cmdline.Parse("qmpmigrate", args)
		if err == nil {
			err = cfg.Machine.Props.Finish(cfg.Machine.Type)
		}
		fmt.Println(cmdline.Report("qmpmigrate", err, nil, os.Stdout, os.Stdout))
	}
	// Output:
	// qmpmigrate: -qmp bogus: 'bogus' is not a valid char driver
	// qmpmigrate: -qmp bogus: parse error: bogus
	// 1
	// qmpmigrate: Property 'memtest-machine.foo' not found
	// 1
}
