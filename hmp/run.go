package hmp

import (
	"context"
	"os"

	"qmpmigrate/hmp/syntax"
	"qmpmigrate/qapi"
	"qmpmigrate/qapi/passfd"
)

// Run carries out one line for human-monitor-command and returns what it printed, with the line ends of a terminal.
// cpuIndex is the vCPU that it is about. It must be called within a QMP command, whose turn it shares.
func (s *Server) Run(ctx context.Context, line string, cpuIndex int64) string {
	format := syntax.DefaultFormat()
	c := &call{
		server: s, ctx: qapi.WithMonitor(ctx, new(noMonitor)), out: new(output),
		shell: &shell{cpu: cpuIndex, format: &format},
	}
	c.execute(line)
	return c.out.String()
}

// noMonitor is the monitor of a single line: descriptors of the client around it do not belong to it, as in QEMU.
type noMonitor struct {
	received passfd.Receiver
	named    passfd.Names
}

func (m *noMonitor) TakeFD(name string) (*os.File, error) { return m.named.Take(name) }
func (m *noMonitor) Received() *passfd.Receiver           { return &m.received }
func (m *noMonitor) Named() *passfd.Names                 { return &m.named }
