package cmdline

import (
	"slices"
	"strings"

	"qmpmigrate/qapi/qobject"
	"qmpmigrate/qapi/scalar"
)

// Accel is an accelerator that was asked for. All known ones are taken: what runs the guest is the machine's affair.
type Accel struct {
	Name  string
	Props *qobject.Dict // without the name; strings
	Where Origin
}

// The accelerators that are this program's own.
const (
	// AccelSoft runs the vCPUs of the built-in guest in this process, as is
	// done whatever other accelerator was asked for.
	AccelSoft = "soft"
	// AccelUffd runs them in a process of their own, with userfaultfd.
	AccelUffd = "uffd"
)

// dirtyRingSize is the property that gives vCPUs dirty rings.
const dirtyRingSize = "dirty-ring-size"

// accelProps are the accelerators that tools ask for, with the properties they know.
func accelProps(name string) (props []string, known bool) {
	switch name {
	case "tcg":
		return []string{"one-insn-per-tb", "split-wx", "tb-size", "thread"}, true
	case "kvm":
		return []string{
			"device", dirtyRingSize, "eager-split-size", "honor-guest-pat", "kernel-irqchip", "kvm-shadow-mem",
			"notify-vmexit", "notify-window", "xen-evtchn-max-pirq", "xen-gnttab-max-frames", "xen-version",
		}, true
	case AccelSoft, AccelUffd:
		return []string{dirtyRingSize}, true
	case "qtest":
		return nil, true
	}
	return nil, false
}

// accelOption is -accel. Its help is for tools, which take what it lists for
// what QEMU means by it: this program's own are not among it.
func accelOption(r *run, value string) error {
	if first, _, _ := strings.Cut(value, ","); isHelp(first) {
		return &Exit{Text: "Accelerators supported in QEMU binary:\nkvm\nqtest\ntcg\n"}
	}
	return r.opts("accel", value)
}

// resolveAccels collects the usable accelerators. An unknown one is only an error if no other is left.
func (r *run) resolveAccels() error {
	entries := r.group("accel").entries
	if r.machineAccel != "" {
		if len(entries) > 0 {
			return fail("The -accel and \"-machine accel=\" options are incompatible")
		}
		for name := range strings.SplitSeq(r.machineAccel, ":") {
			o := &opts{spec: r.group("accel").spec}
			o.put("accel", name)
			entries = append(entries, o)
		}
	}
	for _, o := range entries {
		r.at = o.where
		if err := r.addAccel(o); err != nil {
			return err
		}
	}
	if len(entries) > 0 && len(r.cfg.Accels) == 0 {
		// The complaint about the last one is what the process ends with.
		last := r.warnings[len(r.warnings)-1]
		r.warnings = r.warnings[:len(r.warnings)-1]
		return last.Origin.Errorf("%s", last.Text)
	}
	return nil
}

func (r *run) addAccel(o *opts) error {
	name := o.get("accel")
	known, ok := accelProps(name)
	if !ok {
		r.cfg.accelRefused = true
		r.warnings = append(r.warnings, Warning{Origin: o.where, Level: LevelError, Text: "invalid accelerator " + name})
		return nil
	}
	a := Accel{Name: name, Props: qobject.NewDict(), Where: o.where}
	for _, it := range o.items {
		if it.key == "accel" {
			continue
		}
		if !slices.Contains(known, it.key) {
			return fail("Property '%s-accel.%s' not found", name, it.key)
		}
		if err := checkAccel(it.key, it.value); err != nil {
			return err
		}
		a.Props.Set(it.key, it.value)
	}
	r.cfg.Accels = append(r.cfg.Accels, a)
	return nil
}

// checkAccel checks the properties whose values migration tools vary.
func checkAccel(name, value string) error {
	switch name {
	case "thread":
		if value != "single" && value != "multi" {
			return fail("Invalid 'thread' setting %s", value)
		}
	case dirtyRingSize:
		n, err := scalar.Uint(value)
		if err != nil {
			return expects(name, "uint64")
		}
		if n&(n-1) != 0 {
			return fail("dirty-ring-size must be a power of two.")
		}
	}
	return nil
}
