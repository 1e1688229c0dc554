package dissect

import (
	"slices"
	"strings"
	"testing"

	"qmpmigrate/tests/testdata"
)

func TestReadCaptures(t *testing.T) {
	captures, err := testdata.Captures()
	if err != nil || len(captures) == 0 {
		t.Fatal(len(captures), err)
	}
	for _, capture := range captures {
		t.Run(capture.Name, func(t *testing.T) {
			s, err := Read(capture.Data)
			if err != nil {
				t.Fatal(err)
			}
			devices, err := s.Devices()
			if err != nil {
				t.Fatal(err)
			}
			kinds := map[byte]int{}
			for _, section := range s.Sections {
				kinds[section.Type]++
				if capture.Data[section.Start] != section.Type || capture.Data[section.End] != footer {
					t.Errorf("section %s is not at %#x to %#x", section.Name, section.Start, section.End)
				}
			}
			if kinds[Full] != len(devices) || kinds[Start] != 1 || kinds[End] != 1 {
				t.Errorf("%d devices, sections by type %v", len(devices), kinds)
			}
			if !strings.HasPrefix(s.Machine, "pc-") || s.Blocks[0] != (Block{"pc.ram", 16 << 20}) {
				t.Errorf("machine %s, blocks %v", s.Machine, s.Blocks)
			}
			// The pages that were poked, and tables of the firmware.
			if s.Pages < 4 || s.Pages+s.ZeroPages < 4096 {
				t.Errorf("%d pages, %d zero", s.Pages, s.ZeroPages)
			}
			if last := s.Sections[len(s.Sections)-1]; last.Name != "globalstate" {
				t.Errorf("last section is %s", last.Name)
			}
		})
	}
}

// Damage is found: sections and description hold each other.
func TestReadDamaged(t *testing.T) {
	captures, err := testdata.Captures()
	if err != nil {
		t.Fatal(err)
	}
	data := captures[0].Data
	s, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	last := s.Sections[len(s.Sections)-1]
	for name, at := range map[string]int64{
		"magic": 0, "section type": last.Start, "section name": last.Start + 6, "footer": last.End, "length": s.Described - 1,
	} {
		damaged := slices.Clone(data)
		damaged[at] ^= 0x20
		if _, err := Read(damaged); err == nil {
			t.Errorf("damaged %s at %#x was not found", name, at)
		}
	}
	for _, n := range []int{0, 5, 1000, len(data) - 1} {
		if _, err := Read(data[:n]); err == nil {
			t.Errorf("stream of %d bytes was read", n)
		}
	}
}
