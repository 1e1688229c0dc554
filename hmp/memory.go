package hmp

import (
	"encoding/binary"
	"fmt"

	"qmpmigrate/qapi"
)

func memoryCommands() table {
	return table{
		{name: "cpu", args: parseArguments("index:i"), params: "index", help: "set the default CPU", run: (*call).setCPU},
		{
			name: "xp", args: parseArguments("fmt:/,addr:l"), params: "/fmt addr",
			help: "physical memory dump starting at 'addr'", run: (*call).dumpMemory,
		},
		{
			name: "sum", args: parseArguments("start:i,size:i"), params: "addr size",
			help: "compute the checksum of a memory region", run: (*call).sumMemory,
		},
		{
			name: "pmemsave", args: parseArguments("val:l,size:i,filename:s"), params: "addr size file",
			help: "save to disk physical memory dump starting at 'addr' of size 'size'", run: (*call).pmemsave,
		},
	}
}

// setCPU chooses the vCPU that further commands are about.
func (c *call) setCPU() error {
	index := c.args.number("index")
	list, err := c.commands().QueryCpusFast(c.ctx)
	for _, cpu := range list {
		if cpu.CPUIndex == index {
			c.cpu = index
			return nil
		}
	}
	if err == nil {
		c.out.print("invalid CPU index\n")
	}
	return err
}

// readMemory reads guest-physical memory.
func (c *call) readMemory(addr uint64, p []byte) error {
	if c.server.config.ReadMemory == nil {
		return qapi.Errorf("the machine's memory cannot be read")
	}
	return c.server.config.ReadMemory(c.ctx, addr, p)
}

// dumpMemory prints memory, 16 bytes a line, or 8 where the values are bytes.
func (c *call) dumpMemory() error {
	f := c.args.format()
	if f.Letter == 'i' {
		return qapi.Errorf("disassembly is not supported yet by this build")
	}
	width, left := 16, int(int32(f.Size*f.Count))
	if f.Size == 1 {
		width = 8
	}
	for addr := uint64(c.args.number("addr")); left > 0 && !c.out.full; {
		line := make([]byte, min(left, width))
		if err := c.readMemory(addr, line); err != nil {
			return err
		}
		c.out.printf("%016x:", addr)
		size := f.Size
		if f.Letter == 'c' {
			size = 1
		}
		for i := 0; i < len(line); i += size {
			c.out.print(" " + memoryValue(line[i:i+size], f.Letter))
		}
		c.out.print("\n")
		addr, left = addr+uint64(len(line)), left-len(line)
	}
	return nil
}

// memoryValue writes a little-endian number in columns that hold the largest of its size.
func memoryValue(b []byte, letter byte) string {
	size := len(b)
	v := binary.LittleEndian.Uint64(append(b[:size:size], make([]byte, 8)...))
	decimal := (size*80 + 32) / 33
	switch letter {
	case 'o':
		return fmt.Sprintf("%#*o", (size*8+2)/3, v)
	case 'u':
		return fmt.Sprintf("%*d", decimal, v)
	case 'd':
		return fmt.Sprintf("%*d", decimal, int64(v))
	case 'c':
		return character(int(v))
	}
	return fmt.Sprintf("0x%0*x", size*2, v)
}

// sumMemory prints the checksum of the Unix command sum, as BSD has it.
func (c *call) sumMemory() error {
	start, size := uint32(c.args.number("start")), uint32(c.args.number("size"))
	var sum uint16
	chunk := make([]byte, 64<<10)
	for addr, end := start, start+size; addr < end; {
		part := chunk[:min(uint32(len(chunk)), end-addr)]
		if err := c.readMemory(uint64(addr), part); err != nil {
			return err
		}
		for _, b := range part {
			sum = sum>>1 | sum<<15
			sum += uint16(b)
		}
		addr += uint32(len(part))
	}
	c.out.printf("%05d\n", sum)
	return nil
}

func (c *call) pmemsave() error {
	return c.commands().Pmemsave(c.ctx, &qapi.PmemsaveArgs{
		Val: c.args.number("val"), Size: c.args.number("size"), Filename: c.args.text("filename"),
	})
}
