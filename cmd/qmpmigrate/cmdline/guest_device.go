package cmdline

import (
	"strings"

	"qmpmigrate/qapi/qobject"
)

// Device is -device.
type Device struct {
	Driver, ID string
	Props      *qobject.Dict // all members, driver and id included; strings in text form, typed in JSON form
	Where      Origin

	json bool
}

// Options reads the device's properties, by type. driver, id and bus are known;
// the caller ends with FinishDevice.
func (d Device) Options() *Props {
	t := newTree(d.Props, !d.json)
	t.known = append(t.known, "driver", "id", "bus")
	return &Props{t}
}

// deviceOption is -device. Any model is taken.
func deviceOption(r *run, value string) error {
	first, rest, _ := strings.Cut(value, ",")
	if isHelp(first) {
		return &Exit{Topic: TopicDevices,
			Text: "Any other device model is taken, too; none of those has an effect on the built-in guest.\n"}
	}
	if isHelp(rest) {
		return &Exit{Topic: TopicDeviceProperties, Subject: strings.TrimPrefix(first, "driver=")}
	}
	if !isJSON(value) {
		return r.opts("device", value)
	}
	dict, err := parseJSON(value)
	if err != nil {
		return err
	}
	d := Device{Props: dict, Where: r.at, json: true}
	t := newTree(dict, false)
	t.need("driver")
	d.Driver, _ = t.string("driver")
	id, named := t.string("id")
	if *t.err != nil {
		return *t.err
	}
	if named && !idWellFormed(id) {
		return malformedID()
	}
	d.ID = id
	r.cfg.Devices = append(r.cfg.Devices, d)
	return nil
}

// resolveDevices adds the devices in text form, which -set may have changed, and refuses ids that two devices have.
func (r *run) resolveDevices() error {
	for _, o := range r.group("device").entries {
		r.at = o.where
		if !o.has("driver") {
			return missing("driver")
		}
		d := Device{Driver: o.get("driver"), ID: o.id, Props: o.dict(), Where: o.where}
		r.cfg.Devices = append(r.cfg.Devices, d)
	}
	seen := make(map[string]bool)
	for _, d := range r.cfg.Devices {
		if d.ID != "" && seen[d.ID] {
			return d.Where.Errorf("Duplicate device ID '%s'", d.ID)
		}
		seen[d.ID] = true
	}
	return nil
}
