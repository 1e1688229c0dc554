package settings

import (
	"fmt"

	"qmpmigrate/core/ram"
)

// compress is the capability compress of QEMUs up to 9.0, and its parameters.
// The protocol of later ones does not know it, so it is switched as there with
// properties: -global migration.x-compress=on. Only who sends needs it.
type compress struct {
	on                                bool
	level, threads, decompressThreads uint8
}

func newCompress() compress { return compress{level: 1, threads: 8, decompressThreads: 2} }

// property is like that of Settings.
func (c *compress) property(name string) setter {
	switch name {
	case "x-compress":
		return toBool(func(on bool) { c.on = on })
	case "x-compress-level":
		return toUint8(&c.level)
	case "x-compress-threads":
		return toUint8(&c.threads)
	case "x-decompress-threads":
		return toUint8(&c.decompressThreads)
	}
	return nil
}

// check is in QEMU 7.2's words.
func (c *compress) check() error {
	for _, r := range []struct {
		name           string
		value, low, to uint8
	}{
		{"compress_level", c.level, 0, 9},
		{"compress_threads", c.threads, 1, 255},
		{"decompress_threads", c.decompressThreads, 1, 255},
	} {
		if r.value < r.low || r.value > r.to {
			return fmt.Errorf("Parameter '%s' expects a value between %d and %d", r.name, r.low, r.to)
		}
	}
	return nil
}

func (c *compress) apply(o *ram.Options) {
	o.DecompressThreads = int(c.decompressThreads)
	if c.on {
		o.Compress = &ram.Compress{Threads: int(c.threads), Level: int(c.level)}
	}
}
