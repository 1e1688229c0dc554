package cmdline

import "testing"

func TestIdentifiers(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "char0": true, "a-b.c_d": true, "Z9": true,
		"": false, "1a": false, "_a": false, "-a": false, "a b": false, "a/b": false, "ä": false, "a#": false,
	} {
		if got := idWellFormed(id); got != want {
			t.Errorf("idWellFormed(%q) = %v", id, got)
		}
	}
	for text, want := range map[string]int{
		"": 0, "a": 1, "ab-c_d.e": 6, "a=b": 1, "9": 0, "-": 0, "_a": 0,
		"__com.example_name.x": 18, "__com.example_": 0, "__": 0, "__com": 0, "__x_9": 0,
	} {
		if got := qapiNameLen(text); got != want {
			t.Errorf("qapiNameLen(%q) = %d, want %d", text, got, want)
		}
	}
}
