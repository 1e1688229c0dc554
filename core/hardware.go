package core

import (
	"context"
	"fmt"

	"qmpmigrate/core/guest/cputhread"
	"qmpmigrate/core/machinetype"
	"qmpmigrate/qapi"
)

var _ qapi.MachineCommands = (*Machine)(nil)

// QueryTarget is query-target.
func (m *Machine) QueryTarget(context.Context) (*qapi.TargetInfo, error) {
	return &qapi.TargetInfo{Arch: qapi.SysEmuTargetX8664}, nil
}

// QueryKvm is query-kvm: nothing here runs on KVM.
func (m *Machine) QueryKvm(context.Context) (*qapi.KvmInfo, error) {
	return &qapi.KvmInfo{}, nil
}

// QueryCpusFast is query-cpus-fast.
func (m *Machine) QueryCpusFast(context.Context) ([]qapi.CpuInfoFast, error) {
	list := []qapi.CpuInfoFast{}
	b := &m.board
	if b.Type.Kind == machinetype.None {
		return list, nil
	}
	for i, thread := range m.cpuThreads() {
		list = append(list, qapi.CpuInfoFast{
			CPUIndex: int64(i),
			QomPath:  cpuPath(i),
			ThreadID: int64(thread),
			Props:    b.place(i),
			Target:   qapi.SysEmuTargetX8664,
		})
	}
	return list, nil
}

// threaded is a guest whose vCPUs have threads of their own.
type threaded interface{ Threads() []int }

// cpuThreads are the ids of the vCPUs' threads.
func (m *Machine) cpuThreads() (ids []int) {
	if g, ok := m.hardware.(threaded); ok {
		ids = g.Threads()
	}
	if len(ids) != m.board.CPUs {
		ids = m.threads.IDs(m.board.CPUs)
	}
	if m.board.DebugThreads {
		for cpu, id := range ids {
			cputhread.Name(id, cpu)
		}
	}
	return ids
}

// cpuDevice is the number of a vCPU among a pc's devices: the first one's
// interrupt controller comes second.
func cpuDevice(cpu int) int {
	if cpu == 0 {
		return 0
	}
	return cpu + 1
}

// cpuPath is where in the tree of objects a vCPU is.
func cpuPath(cpu int) string { return fmt.Sprintf("/machine/unattached/device[%d]", cpuDevice(cpu)) }

// place is where in the topology a vCPU is.
func (b *Board) place(cpu int) *qapi.CpuInstanceProperties {
	thread, rest := cpu%b.Threads, cpu/b.Threads
	core, rest := rest%b.Cores, rest/b.Cores
	module, rest := rest%b.Modules, rest/b.Modules
	die, socket := rest%b.Dies, rest/b.Dies
	p := &qapi.CpuInstanceProperties{SocketID: new(int64(socket)), CoreID: new(int64(core)), ThreadID: new(int64(thread))}
	if b.Dies > 1 {
		p.DieID = new(int64(die))
	}
	if b.Modules > 1 {
		p.ModuleID = new(int64(module))
	}
	return p
}

// QueryHotpluggableCpus is query-hotpluggable-cpus.
func (m *Machine) QueryHotpluggableCpus(context.Context) ([]qapi.HotpluggableCPU, error) {
	b := &m.board
	if !b.Type.HotPlugCPU {
		return nil, qapi.Errorf("machine does not support hot-plugging CPUs")
	}
	m.mu.Lock()
	early := m.begin != nil
	m.mu.Unlock()
	var list []qapi.HotpluggableCPU
	for i := b.MaxCPUs - 1; i >= 0; i-- {
		place := qapi.HotpluggableCPU{Type: b.Type.CPU, VcpusCount: 1, Props: *b.place(i)}
		if i < b.CPUs && !early {
			place.QomPath = new(cpuPath(i))
		}
		list = append(list, place)
	}
	return list, nil
}

// QueryMachines is query-machines.
func (m *Machine) QueryMachines(_ context.Context, args *qapi.QueryMachinesArgs) ([]qapi.MachineInfo, error) {
	var list []qapi.MachineInfo
	for _, t := range machinetype.All() {
		info := qapi.MachineInfo{
			Name: t.Name, CPUMax: int64(t.MaxCPUs), HotpluggableCpus: t.HotPlugCPU,
			NumaMemSupported: t.NUMAMem, Deprecated: t.Deprecated, Acpi: t.ACPI,
			Alias: optional(t.Alias), DefaultCPUType: optional(t.CPU), DefaultRAMID: optional(t.RAM),
		}
		if t.Default {
			info.IsDefault = new(true)
		}
		if args.CompatProps != nil && *args.CompatProps {
			info.CompatProps = []qapi.CompatProperty{}
			for _, c := range t.Compats() {
				info.CompatProps = append(info.CompatProps,
					qapi.CompatProperty{QomType: "migration", Property: c.Property, Value: c.Value})
			}
		}
		list = append(list, info)
	}
	return list, nil
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// QueryCurrentMachine is query-current-machine.
func (m *Machine) QueryCurrentMachine(context.Context) (*qapi.CurrentMachineParams, error) {
	return &qapi.CurrentMachineParams{WakeupSuspendSupport: m.wakes}, nil
}

// InjectNmi is inject-nmi. No guest here notices.
func (m *Machine) InjectNmi(context.Context) error {
	if m.board.Type.Kind == machinetype.None {
		return qapi.Errorf("machine does not provide NMIs")
	}
	return nil
}
