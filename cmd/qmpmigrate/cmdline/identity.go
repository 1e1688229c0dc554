package cmdline

import (
	"github.com/google/uuid"

	"qmpmigrate/qapi/scalar"
)

// uuidOption is -uuid.
func uuidOption(r *run, value string) error {
	id, err := uuid.Parse(value)
	if err != nil || len(value) != len(uuid.Nil.String()) { // the library also takes forms without dashes or in braces
		return fail("failed to parse UUID string: wrong format")
	}
	r.cfg.UUID = id
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
