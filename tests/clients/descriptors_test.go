package clients

import (
	"os"
	"path/filepath"
	"testing"

	"qmpmigrate/tests/emulator"
)

// TestSameDescriptorsSameAnswers passes descriptors along.
func TestSameDescriptorsSameAnswers(t *testing.T) {
	theirs, ours := launchBoth(t)
	path := filepath.Join(t.TempDir(), "f")
	open := func(flags int) *os.File {
		f, err := os.OpenFile(path, flags|os.O_CREATE, 0o600)
		emulator.Must(t, err)
		t.Cleanup(func() { f.Close() })
		return f
	}
	r, w, both := open(os.O_RDONLY), open(os.O_WRONLY), open(os.O_RDWR)
	const (
		getfd = `{"execute": "getfd", "arguments": {"fdname": "x"}}`
		add   = `{"execute": "add-fd"}`
		query = `{"execute": "query-fdsets"}`
	)
	in := func(id string) string { return `{"execute": "add-fd", "arguments": {"fdset-id": ` + id + `}}` }
	remove := func(id string) string { return `{"execute": "remove-fd", "arguments": {"fdset-id": ` + id + `}}` }
	// Sets outlive the client that made them, so the order of these matters.
	for _, c := range []struct {
		text  string
		files []*os.File
	}{
		{getfd, nil},
		{negotiate + getfd, []*os.File{r}}, // comes with the first message, before the negotiation
		{negotiate + getfd + getfd + `{"execute": "closefd", "arguments": {"fdname": "x"}}`, []*os.File{r, w}},
		{negotiate + `{"execute": "getfd", "arguments": {"fdname": "1x"}}` + getfd, []*os.File{r}},
		{negotiate + add + add + query, []*os.File{w, r}},
		{negotiate + query, nil},
		{negotiate + in("7") + in("8") + query, []*os.File{w}},
		{negotiate + `{"execute": "add-fd", "arguments": {"fdset-id": 7, "opaque": "o"}}` + query, []*os.File{both}},
		{negotiate + add + query, []*os.File{both}},
		{negotiate + in("-1") + in("5") + query, []*os.File{both}},
		{negotiate + in("5") + query, []*os.File{r}},
		{negotiate + in("9223372036854775807") + query, []*os.File{r}},
		{negotiate + remove("9"), nil},
		{negotiate + `{"execute": "remove-fd", "arguments": {"fdset-id": 7, "fd": 999}}` + query, nil},
		{negotiate + remove("0") + query, nil},
		{negotiate + add + query, []*os.File{both}},
		{negotiate + remove("5") + remove("7") + remove("9223372036854775807") + query, nil},
		{negotiate + remove("0") + remove("1") + query, nil},
	} {
		sameAnswers(t, theirs, ours, c.text, c.files...)
	}
}
