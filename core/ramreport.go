package core

import (
	"context"
	"fmt"
	"strings"
	"unsafe"

	"qmpmigrate/core/machinetype"
	"qmpmigrate/core/memory"
	"qmpmigrate/core/object"
	"qmpmigrate/qapi"
)

// QueryMemorySizeSummary is query-memory-size-summary.
func (m *Machine) QueryMemorySizeSummary(context.Context) (*qapi.MemoryInfo, error) {
	m.access.RLock()
	defer m.access.RUnlock()
	info := &qapi.MemoryInfo{BaseMemory: m.board.RAM, PluggedMemory: new(uint64(0))}
	if m.board.Type.Kind == machinetype.None {
		info.BaseMemory = 0
	}
	if ram := m.ram(); ram != nil {
		info.BaseMemory = ram.Size()
	}
	return info, nil
}

// QueryMemdev is query-memdev: the objects that are memory, and the machine's
// own where that is none of them.
func (m *Machine) QueryMemdev(context.Context) ([]qapi.Memdev, error) {
	m.access.RLock()
	defer m.access.RUnlock()
	list := []qapi.Memdev{}
	for _, o := range m.conf.Objects.List() {
		if b, ok := o.Object.(*object.Memory); ok {
			list = append(list, b.Info())
		}
	}
	if ram := m.ram(); ram != nil && m.conf.RAM == "" {
		list = append(list, qapi.Memdev{
			ID: new(ram.Name()), Size: ram.Size(), Merge: true, Dump: true, Reserve: new(true),
			HostNodes: []uint16{}, Policy: qapi.HostMemPolicyDefault,
		})
	}
	return list, nil
}

// XQueryRamblock is x-query-ramblock.
func (m *Machine) XQueryRamblock(context.Context) (*qapi.HumanReadableText, error) {
	m.access.RLock()
	defer m.access.RUnlock()
	var text strings.Builder
	fmt.Fprintf(&text, "%24s %8s  %18s %18s %18s %18s %3s\n", "Block Name", "PSize", "Offset", "Used", "Total", "HVA", "RO")
	var offset uint64
	for _, b := range m.guest.Blocks() {
		if m.gone {
			break
		}
		fmt.Fprintf(&text, "%24s %8s  0x%016x 0x%016x 0x%016x 0x%016x %3s\n", b.Name(), hostPageText(b),
			offset, b.Size(), b.Size(), hostAddress(b), "rw")
		offset = (offset + b.Size() + ramAlign - 1) &^ (ramAlign - 1)
	}
	return &qapi.HumanReadableText{HumanReadableText: text.String()}, nil
}

// hostPageText is the size of a block's pages as people read it.
func hostPageText(b *memory.Block) string {
	if size := b.HostPage(); size >= 1<<20 {
		return fmt.Sprint(size>>20, " MiB")
	}
	return fmt.Sprint(b.HostPage()>>10, " KiB")
}

// ramAlign is what the places of RAM blocks in a machine are multiples of.
const ramAlign = 256 << 10

// hostAddress is where the block is in this process.
func hostAddress(b *memory.Block) uintptr {
	return uintptr(unsafe.Pointer(unsafe.SliceData(b.Bytes())))
}
