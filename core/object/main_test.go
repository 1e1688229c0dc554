package object

import (
	"testing"

	"go.uber.org/goleak"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/qobject"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// add makes an object of JSON text.
func add(t *testing.T, r *Registry, text string) error {
	t.Helper()
	value, err := qobject.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	options, err := qapi.DecodeObjectOptions(value.(*qobject.Dict))
	if err != nil {
		return err
	}
	return r.Add(options)
}

func mustAdd(t *testing.T, r *Registry, text string) {
	t.Helper()
	if err := add(t, r, text); err != nil {
		t.Fatal(err)
	}
}

// refuse expects an error.
func refuse(t *testing.T, r *Registry, text, want string) {
	t.Helper()
	if err := add(t, r, text); err == nil || err.Error() != want {
		t.Errorf("%s:\n got %v\nwant %s", text, err, want)
	}
}

func newRegistry(t *testing.T) *Registry {
	r := &Registry{}
	t.Cleanup(r.Close)
	return r
}

func get[T Object](t *testing.T, r *Registry, id string) T {
	t.Helper()
	o, ok := r.Get(id)
	if !ok {
		t.Fatalf("%s is not there", id)
	}
	return o.(T)
}
