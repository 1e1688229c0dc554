package disks

import (
	"fmt"
	"strings"
	"time"

	"qmpmigrate/core/block"
)

func (r *request) say(format string, args ...any) { fmt.Fprintf(r.out, format, args...) }

func (r *request) report(took time.Duration) {
	done := "read"
	if r.kind() == block.Write {
		done = "wrote"
	}
	seconds := max(took.Seconds(), 1e-9)
	clock := fmt.Sprintf("%05.2f sec", seconds)
	if took >= time.Second {
		minutes := int(took.Minutes())
		clock = fmt.Sprintf("%d:%02d:%05.2f", minutes/60, minutes%60, seconds-float64(minutes*60))
	}
	r.say("%s %d/%d bytes at offset %d\n", done, r.length, r.length, r.off)
	r.say("%s, 1 ops; %s (%s/sec and %.4f ops/sec)\n", sized(float64(r.length)), clock, sized(float64(r.length)/seconds), 1/seconds)
}

// show prints bytes, sixteen a line.
func (r *request) show(p []byte) {
	for i := 0; i < len(p); i += 16 {
		line := p[i:min(i+16, len(p))]
		text := make([]byte, len(line))
		for j, b := range line {
			text[j] = '.'
			if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' {
				text[j] = b
			}
		}
		r.say("%08x:  % x  %s\n", r.off+int64(i), line, text)
	}
}

// sized is a number of bytes as people read it.
func sized(n float64) string {
	for i, unit := range []string{"EiB", "PiB", "TiB", "GiB", "MiB", "KiB"} {
		if one := float64(uint64(1) << (60 - 10*i)); n >= one {
			return strings.TrimSuffix(fmt.Sprintf("%.3f", n/one), ".000") + " " + unit
		}
	}
	return strings.TrimSuffix(fmt.Sprintf("%.3f", n), ".000") + " bytes"
}
