package object

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestRegistry(t *testing.T) {
	r := newRegistry(t)
	for id, want := range map[string]string{"": "an identifier", "1a": "an identifier", "a b": "an identifier"} {
		refuse(t, r, `{"qom-type": "authz-simple", "identity": "x", "id": "`+id+`"}`, "Parameter 'id' expects "+want)
	}
	mustAdd(t, r, `{"qom-type": "authz-simple", "identity": "x", "id": "a-1._"}`)
	refuse(t, r, `{"qom-type": "secret", "data": "x", "id": "a-1._"}`,
		"attempt to add duplicate property 'a-1._' to object (type 'container')")
	if err := r.Del("b"); err == nil || err.Error() != "object 'b' not found" {
		t.Error(err)
	}
	_, release, ok := r.Claim("a-1._")
	if !ok {
		t.Fatal("not there")
	}
	if err := r.Del("a-1._"); err == nil || err.Error() != "object 'a-1._' is in use, can not be deleted" {
		t.Error(err)
	}
	release()
	release()
	if err := r.Del("a-1._"); err != nil {
		t.Error(err)
	}
	if _, _, ok := r.Claim("a-1._"); ok || len(r.List()) != 0 {
		t.Error("still there")
	}
}

func TestIOThread(t *testing.T) {
	r := newRegistry(t)
	mustAdd(t, r, `{"qom-type": "iothread", "id": "io", "poll-grow": 2}`)
	info := get[*IOThread](t, r, "io").Info("io")
	if info.PollMaxNs != 32768 || info.PollGrow != 2 || info.ID != "io" {
		t.Errorf("%+v", info)
	}
	task := filepath.Join("/proc/self/task", strconv.FormatInt(info.ThreadID, 10), "comm")
	if name, err := os.ReadFile(task); err != nil || string(name) != "IO io\n" {
		t.Errorf("thread %d is called %q, %v", info.ThreadID, name, err)
	}
	for _, p := range get[*IOThread](t, r, "io").Properties() {
		if err := p.Set(int64(-1)); err == nil {
			t.Errorf("%s took -1", p.Name)
		}
		if err := p.Set("x"); err == nil {
			t.Errorf("%s took a text", p.Name)
		}
		if err := p.Set(int64(64)); err != nil || p.Get() != int64(64) {
			t.Errorf("%s: %v, %v", p.Name, err, p.Get())
		}
	}
	refuse(t, r, `{"qom-type": "iothread", "id": "x", "poll-max-ns": -1}`,
		"poll-max-ns value must be in range [0, 9223372036854775807]")
	refuse(t, r, `{"qom-type": "iothread", "id": "x", "thread-pool-min": 5, "thread-pool-max": 2}`,
		"bad thread-pool-min/thread-pool-max values")
}

func TestSecrets(t *testing.T) {
	r := newRegistry(t)
	file := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(file, []byte("from file"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, r, `{"qom-type": "secret", "id": "raw", "data": "abc"}`)
	mustAdd(t, r, `{"qom-type": "secret", "id": "b64", "data": "YWJj\nZA", "format": "base64"}`)
	mustAdd(t, r, `{"qom-type": "secret", "id": "file", "file": "`+file+`"}`)
	mustAdd(t, r, `{"qom-type": "secret", "id": "key", "format": "base64",
		"data": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}`)
	// Made with: printf 'top secret' | openssl enc -aes-256-cbc -a -K 3031...31 -iv 3031...35
	mustAdd(t, r, `{"qom-type": "secret", "id": "locked", "keyid": "key", "iv": "MDEyMzQ1Njc4OTAxMjM0NQ==",
		"format": "base64", "data": "`+sealed+`"}`)
	for id, want := range map[string]string{
		"raw": "abc", "b64": "abcd", "file": "from file", "key": "01234567890123456789012345678901",
		"locked": "top secret",
	} {
		if got := string(get[*Secret](t, r, id).Data()); got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	const iv = `"iv": "MDEyMzQ1Njc4OTAxMjM0NQ=="`
	for what, want := range map[string]string{
		`"data": "a", "file": "b"`:                  "'file' and 'data' are mutually exclusive",
		`"format": "raw"`:                           "Either 'file' or 'data' must be provided",
		`"file": "/nonexistent"`:                    "Unable to read /nonexistent: Failed to open file “/nonexistent”: No such file or directory",
		`"data": "!", "format": "base64"`:           "Base64 data contains invalid characters",
		`"data": "a", "keyid": "x"`:                 "No secret with id 'x'",
		`"data": "a", "keyid": "other"`:             "Object with id 'other' is not a secret",
		`"data": "a", "keyid": "raw"`:               "Key should be 32 bytes in length",
		`"data": "a", "keyid": "key"`:               "IV is required to decrypt secret",
		`"data": "abc", "keyid": "key", ` + iv:      "Length 3 must be a multiple of block size 16",
		`"data": "a", "keyid": "key", "iv": "YQ=="`: "IV should be 16 bytes in length not 1",
		`"data": "MDEyMzQ1Njc4OTAxMjM0NQ==", "format": "base64", "keyid": "key", ` + iv: "Incorrect number of padding " +
			"bytes (201) found on decrypted data",
	} {
		if _, ok := r.Get("other"); !ok {
			mustAdd(t, r, `{"qom-type": "authz-simple", "identity": "x", "id": "other"}`)
		}
		refuse(t, r, `{"qom-type": "secret", "id": "bad", `+what+`}`, want)
	}
}

// sealed is "top secret" under the key and the vector of TestSecrets.
const sealed = "iiPBRneBgaX2QO9AnnQXcQ=="

func TestAuthorizers(t *testing.T) {
	r := newRegistry(t)
	mustAdd(t, r, `{"qom-type": "authz-simple", "id": "one", "identity": "CN=bob"}`)
	mustAdd(t, r, `{"qom-type": "authz-list", "id": "none"}`)
	mustAdd(t, r, `{"qom-type": "authz-list", "id": "list", "policy": "deny", "rules": [
		{"match": "CN=eve", "policy": "deny"},
		{"match": "CN=*e", "policy": "allow", "format": "glob"},
		{"match": "CN=b?b", "policy": "allow", "format": "glob"},
		{"match": "CN=*x", "policy": "allow"}]}`)
	mustAdd(t, r, `{"qom-type": "authz-list", "id": "open", "policy": "allow", "rules": [
		{"match": "CN=eve", "policy": "deny", "format": "exact"}]}`)
	for id, who := range map[string]map[string]bool{
		"one":  {"CN=bob": true, "CN=bobby": false, "": false},
		"none": {"CN=bob": false},
		"list": {"CN=eve": false, "CN=alice": true, "CN=bob": true, "CN=bb": false, "CN=x": false, "CN=*x": true},
		"open": {"CN=eve": false, "CN=bob": true},
	} {
		for name, want := range who {
			if got := get[interface {
				Object
				Authorizer
			}](t, r, id).IsAllowed(name); got != want {
				t.Errorf("%s lets in %q: %v", id, name, got)
			}
		}
	}
}

func TestRulesInAFileAreReadAnew(t *testing.T) {
	r := newRegistry(t)
	file := filepath.Join(t.TempDir(), "rules")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"policy": "allow"}`)
	mustAdd(t, r, `{"qom-type": "authz-listfile", "id": "f", "filename": "`+file+`"}`)
	mustAdd(t, r, `{"qom-type": "authz-listfile", "id": "g", "filename": "`+file+`", "refresh": false}`)
	f, g := get[*AuthzFile](t, r, "f"), get[*AuthzFile](t, r, "g")
	if !f.IsAllowed("x") || !g.IsAllowed("x") {
		t.Error("x is not let in")
	}
	write(`{"policy": "allow", "rules": [{"match": "x", "policy": "deny"}]}`)
	if f.IsAllowed("x") || !f.IsAllowed("y") || !g.IsAllowed("x") {
		t.Error("the new rules do not count, or count where they should not")
	}
	write(`{"policy": `)
	if f.IsAllowed("y") {
		t.Error("broken rules let in")
	}
	for text, want := range map[string]string{
		`[1]`: "File '" + file + "' must contain a JSON object", `{"policy": "x"}`: "Parameter 'policy' does not accept value 'x'",
	} {
		write(text)
		refuse(t, r, `{"qom-type": "authz-listfile", "id": "h", "filename": "`+file+`"}`, want)
	}
	refuse(t, r, `{"qom-type": "authz-listfile", "id": "h", "filename": "/nonexistent"}`,
		"Unable to read '/nonexistent': Failed to open file “/nonexistent”: No such file or directory")
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b?", "axxby")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern)+len(text) > 200 {
			return
		}
		if glob(pattern, text) != slowGlob([]rune(pattern), []rune(text)) {
			t.Errorf("%q and %q", pattern, text)
		}
	})
}

// slowGlob is the same as a recurrence.
func slowGlob(p, t []rune) bool {
	reach := make([]bool, len(t)+1)
	reach[0] = true
	for _, c := range p {
		next := make([]bool, len(t)+1)
		for j := range next {
			switch c {
			case '*':
				next[j] = reach[j] || j > 0 && next[j-1]
			default:
				next[j] = j > 0 && reach[j-1] && (c == '?' || c == t[j-1])
			}
		}
		reach = next
	}
	return reach[len(t)]
}
