package cmdline

import (
	"fmt"
	"strings"
)

// qtestOption is -qtest: where a test harness drives the machine.
func qtestOption(r *run, value string) error {
	r.qtest = &located{value, r.at}
	return nil
}

// resolveQtest makes the harness's character device.
func (r *run) resolveQtest() error {
	if r.qtest == nil {
		return nil
	}
	r.at = Origin{} // QEMU does not name the option here
	complaint := fmt.Sprintf("Failed to initialize device for qtest: \"%s\"", r.qtest.value)
	if id, ref := cutChardev(r.qtest.value); ref {
		if r.cfg.Qtest = r.chardev(id); r.cfg.Qtest == nil {
			return fail("%s", complaint)
		}
		return r.attach(r.cfg.Qtest)
	}
	if strings.HasPrefix(r.qtest.value, "mon:") {
		return complain(fail("mon: isn't supported in this context"), complaint)
	}
	o := &opts{spec: r.group("chardev").spec, id: "qtest", where: r.at}
	err := parseDevice(o, r.qtest.value)
	if err == nil {
		r.cfg.Qtest, err = buildChardev(o)
	}
	return complain(err, complaint)
}
