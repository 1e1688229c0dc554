package hmp

import (
	"fmt"
	"math"
	"strings"

	"qmpmigrate/qapi"
)

func ringbufCommands() table {
	return table{
		{
			name: "ringbuf_write", args: parseArguments("device:s,data:s"), params: "device data",
			help: "Write to a ring buffer character device", run: (*call).ringbufWrite, complete: completeRingbuf,
		},
		{
			name: "ringbuf_read", args: parseArguments("device:s,size:i"), params: "device size",
			help: "Read from a ring buffer character device", run: (*call).ringbufRead, complete: completeRingbuf,
		},
	}
}

func (c *call) ringbufWrite() error {
	return c.commands().RingbufWrite(c.ctx, &qapi.RingbufWriteArgs{Device: c.args.text("device"), Data: c.args.text("data")})
}

// ringbufRead shows what was read in such a way that it does not upset a terminal.
func (c *call) ringbufRead() error {
	text, err := c.commands().RingbufRead(c.ctx, &qapi.RingbufReadArgs{
		Device: c.args.text("device"), Size: c.args.number("size") & math.MaxUint32,
	})
	if err != nil {
		return err
	}
	var shown strings.Builder
	for _, ch := range []byte(text) {
		switch {
		case ch == '\\':
			shown.WriteString(`\\`)
		case ch < ' ' && ch != '\n' && ch != '\t' || ch == 0x7f:
			fmt.Fprintf(&shown, `\u%04X`, ch)
		default:
			shown.WriteByte(ch)
		}
	}
	c.out.print(shown.String() + "\n")
	return nil
}

func completeRingbuf(c *call, words []string) (labels []string) {
	if len(words) != 1 {
		return nil
	}
	devices, _ := c.commands().QueryChardev(c.ctx)
	for _, d := range devices {
		if d.Filename == "ringbuf" {
			labels = append(labels, d.Label)
		}
	}
	return labels
}
