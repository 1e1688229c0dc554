package qapi

import (
	"context"
	"testing"

	"qmpmigrate/qapi/qobject"
)

func TestAdmit(t *testing.T) {
	crashed := ""
	for _, c := range []struct {
		policy   *Policy
		features Features
		want     string
		crash    bool
	}{
		{nil, Deprecated | Unstable, "", false},
		{&Policy{}, Deprecated | Unstable, "", false},
		{&Policy{DeprecatedInput: RejectInput}, Unstable, "", false},
		{&Policy{DeprecatedInput: RejectInput}, Deprecated, "Deprecated value x disabled by policy", false},
		{&Policy{UnstableInput: RejectInput}, Deprecated | Unstable, "Unstable value x disabled by policy", false},
		{&Policy{DeprecatedInput: RejectInput, UnstableInput: RejectInput}, Deprecated | Unstable, "Deprecated value x disabled by policy", false},
		{&Policy{UnstableInput: CrashInput}, Unstable, "Unstable value x disabled by policy", true},
	} {
		crashed = ""
		if c.policy != nil {
			c.policy.Crash = func(reason string) { crashed = reason }
		}
		err := c.policy.Admit(c.features, CommandNotFound, "value", "x")
		if (err == nil) != (c.want == "") || err != nil && (err.Error() != c.want || AsError(err).Class != CommandNotFound) {
			t.Errorf("%+v, %b: %v, want %q", c.policy, c.features, err, c.want)
		}
		if (crashed != "") != c.crash {
			t.Errorf("%+v: crashed with %q", c.policy, crashed)
		}
	}
}

// TestArgumentsUnderPolicy decodes as a command does.
func TestArgumentsUnderPolicy(t *testing.T) {
	reject := &Policy{DeprecatedInput: RejectInput, UnstableInput: RejectInput}
	for _, c := range []struct{ text, want string }{
		{`{"max-bandwidth": 1}`, ""},
		{`{"x-checkpoint-delay": 1}`, "Unstable parameter x-checkpoint-delay disabled by policy"},
		{`{"x-checkpoint-delay": "a"}`, "Unstable parameter x-checkpoint-delay disabled by policy"},
		{`{"max-bandwidth": "a", "x-checkpoint-delay": 1}`, "Parameter 'max-bandwidth' expects uint64"},
	} {
		v, err := qobject.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []*Policy{reject, {}, nil} {
			got := ""
			call := taking(func(context.Context, *MigrateSetParameters) error { return nil })
			if _, err := call(WithPolicy(t.Context(), p), v.(*qobject.Dict)); err != nil {
				got = err.Error()
			}
			if (p == reject) && got != c.want {
				t.Errorf("%s: %q, want %q", c.text, got, c.want)
			}
			if p != reject && (got == c.want) != (c.want == "" || c.text[2] == 'm') {
				t.Errorf("%s without policy: %q", c.text, got)
			}
		}
	}
	for name, want := range map[string]string{
		"events": "", "zero-blocks": "Deprecated value zero-blocks disabled by policy", "x-colo": "Unstable value x-colo disabled by policy",
		"nope": "Parameter 'null' does not accept value 'nope'",
	} {
		c := &cursor{policy: reject}
		if decodeMigrationCapability(c, name); (c.err == nil) != (want == "") || c.err != nil && c.err.Desc != want {
			t.Errorf("%s: %v, want %q", name, c.err, want)
		}
	}
}

// event is one with all that a policy looks at.
type event struct{ data string }

func (event) EventName() string            { return "X" }
func (e event) AppendData(b []byte) []byte { return append(b, e.data...) }
func (event) EventFeatures() Features      { return Deprecated }
func (event) HiddenMembers() []HiddenMember {
	return []HiddenMember{{[]string{"a", "b"}, Unstable}, {[]string{"c"}, Deprecated}}
}

func TestHide(t *testing.T) {
	const text = `[{"a": [{"b": 1, "x": 1.5}, {"y": null}], "c": 1}, {"c": {"b": 2}, "a": {"b": "\u00E9"}, "b": 7}, 3]`
	for _, c := range []struct {
		policy *Policy
		want   string
	}{
		{nil, text}, {&Policy{}, text},
		{&Policy{HideUnstable: true}, `[{"a": [{"x": 1.5}, {"y": null}], "c": 1}, {"c": {"b": 2}, "a": {}, "b": 7}, 3]`},
		{&Policy{HideDeprecated: true}, `[{"a": [{"b": 1, "x": 1.5}, {"y": null}]}, {"a": {"b": "\u00E9"}, "b": 7}, 3]`},
	} {
		if got := string(c.policy.AppendEventData([]byte("x"), event{text})); got != "x"+c.want {
			t.Errorf("%+v: %s", c.policy, got)
		}
		if got := string(c.policy.AppendEventData(nil, event{""})); got != "" {
			t.Errorf("no data became %s", got)
		}
		if got, want := c.policy.HidesEvent(event{}), c.policy != nil && c.policy.HideDeprecated; got != want {
			t.Errorf("%+v: event hidden: %v", c.policy, got)
		}
		list, err := qobject.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		command := Command{Hidden: event{}.HiddenMembers()}
		if got := string(command.AppendResult(nil, list.(qobject.List), c.policy)); got != c.want {
			t.Errorf("%+v: %s", c.policy, got)
		}
	}
	if got := string((&Command{}).AppendResult(nil, nil, nil)); got != "{}" {
		t.Errorf("no result is %s", got)
	}
}

func TestDictDeleteKeepsTheIndex(t *testing.T) {
	d := qobject.NewDict()
	names := "abcdefghijklmnopqrst"
	for i := range names {
		d.Set(names[i:i+1], int64(i))
	}
	d.Delete("c")
	d.Delete("nope")
	for i := range names {
		v, ok := d.Get(names[i : i+1])
		if ok != (names[i] != 'c') || ok && v != int64(i) {
			t.Errorf("%c is %v, %v", names[i], v, ok)
		}
	}
	if d.Len() != len(names)-1 {
		t.Errorf("%d members", d.Len())
	}
}
