package cmdline

import (
	"github.com/google/uuid"

	"qmpmigrate/qapi/scalar"
)

// uuidOption is -uuid.
func uuidOption(r *run, value string) error {
	if !r.identify(value) {
		return fail("failed to parse UUID string: wrong format")
	}
	return nil
}

// identify makes text the guest's UUID, if it is one.
func (r *run) identify(text string) bool {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(uuid.Nil.String()) { // the library also takes forms without dashes or in braces
		return false
	}
	r.cfg.UUID = id
	return true
}

// smbiosOption is -smbios. The table of type 1 is another way to say what the guest's UUID is; the last one counts.
func smbiosOption(r *run, value string) error {
	if err := keepOpts("smbios", "")(r, value); err != nil {
		return err
	}
	table := r.cfg.Remembered[len(r.cfg.Remembered)-1].Props
	kind, _ := table.Get("type")
	if id, told := table.Get("uuid"); told && kind == "1" && !r.identify(id.(string)) {
		return fail("Invalid UUID")
	}
	return nil
}

// seedOption is -seed.
func seedOption(r *run, value string) error {
	n, err := scalar.Uint(value)
	if err != nil {
		return fail("Invalid seed number: %s", value)
	}
	r.cfg.Seed = &n
	return nil
}
