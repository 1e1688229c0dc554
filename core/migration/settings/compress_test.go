package settings

import (
	"strings"
	"testing"

	"qmpmigrate/core/ram"
)

// Texts of QEMU 7.2, and of 9.0 for mapped-ram.
func TestCompressTexts(t *testing.T) {
	for text, want := range map[string]string{
		"x-compress=on":                                         "",
		"x-compress=on x-xbzrle=on":                             "",
		"x-compress-level=10":                                   "Parameter 'compress_level' expects a value between 0 and 9",
		"x-compress-threads=0 x-compress=on":                    "Parameter 'compress_threads' expects a value between 1 and 255",
		"x-decompress-threads=0 announce-step=0":                "Parameter 'decompress_threads' expects a value between 1 and 255",
		"x-compress=on x-multifd=on":                            "Multifd is not compatible with compress",
		"x-compress=on x-postcopy-ram=on x-postcopy-preempt=on": "Postcopy preempt not compatible with compress",
		"x-compress=on x-background-snapshot=on":                "Background-snapshot is not compatible with compress",
		"x-compress=on x-zero-copy-send=on x-multifd=on":        "Zero copy only available for non-compressed non-TLS multifd migration",
		"x-compress=on mapped-ram=on":                           "Mapped-ram migration is incompatible with compression",
	} {
		s := New()
		for p := range strings.FieldsSeq(text) {
			name, value, _ := strings.Cut(p, "=")
			said(t, p, s.SetProperty(name, value), "")
		}
		said(t, text, s.CheckProperties(Situation{}), want)
	}
	s := New()
	said(t, "x-compress", s.SetProperty("x-compress", "maybe"), "Parameter 'x-compress' expects 'on' or 'off'")
	said(t, "x-compress-threads", s.SetProperty("x-compress-threads", "300"), "Parameter 'x-compress-threads' expects uint8_t")
}

func TestCompressReachesTheMover(t *testing.T) {
	s := New()
	if r := s.RAM(); r.Compress != nil || r.DecompressThreads != 2 {
		t.Errorf("%+v", r)
	}
	for p := range strings.FieldsSeq("x-compress=on x-compress-level=9 x-compress-threads=3 x-decompress-threads=4") {
		name, value, _ := strings.Cut(p, "=")
		said(t, p, s.SetProperty(name, value), "")
	}
	if r := s.RAM(); r.Compress == nil || *r.Compress != (ram.Compress{Threads: 3, Level: 9}) || r.DecompressThreads != 4 {
		t.Errorf("%+v", r)
	}
}
