package conformance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"qmpmigrate/tests/emulator"
)

// A process is a running emulator.
type process struct {
	*emulator.Process
	shown int // how much of its output has been shown
}

func (proc *process) hasEnded() bool {
	select {
	case <-proc.Done():
		return true
	default:
		return false
	}
}

// start starts an emulator with a QMP socket DIR/NAME.qmp, and a text monitor at DIR/NAME.hmp if the script or its
// arguments are about one. It returns once it listens; if it ends before, the replies are what it said.
func (p *player) start(name string, args []string) ([]string, error) {
	full := slices.Concat(p.side.Machine, common)
	socket := filepath.Join(p.dir, name+".qmp")
	full = append(full, "-qmp", "unix:"+socket+",server=on,wait=off")
	if p.text {
		socket = filepath.Join(p.dir, name+".hmp")
		full = append(full, "-monitor", "unix:"+socket+",server=on,wait=off")
	}
	os.Remove(socket)
	started, err := emulator.StartProcess(p.side.Program, p.dir, nil, append(full, args...)...)
	if err != nil {
		return nil, err
	}
	proc := &process{Process: started}
	p.processes[name] = proc
	deadline := time.After(waitTime)
	for {
		if _, err := os.Stat(socket); err == nil {
			return nil, nil
		}
		select {
		case <-proc.Done():
			return p.ended(context.Background(), proc)
		case <-deadline:
			return nil, fmt.Errorf("%s does not listen: %s", name, proc.Output())
		case <-time.After(time.Millisecond):
		}
	}
}

// ended waits for the end of a process and returns what it has said since it was last asked, and its exit status.
func (p *player) ended(ctx context.Context, proc *process) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, p.patience())
	defer cancel()
	status, err := proc.Wait(ctx)
	if err != nil {
		return append(proc.said(), runsOn), nil
	}
	return append(proc.said(), fmt.Sprintf("exit %d", status)), nil
}

// said returns the lines that a process wrote to stdout and stderr since the last time.
func (proc *process) said() []string {
	output := proc.Output()[proc.shown:]
	proc.shown += len(output)
	if output = strings.TrimSuffix(output, "\n"); output == "" {
		return nil
	}
	return strings.Split(output, "\n")
}

// commandLine runs an emulator to its end. If it starts, it is told to quit.
func (p *player) commandLine(ctx context.Context, args []string) ([]string, error) {
	socket := filepath.Join(p.dir, "run.qmp")
	os.Remove(socket)
	full := slices.Concat(p.commandLineBase(args), []string{"-qmp", "unix:" + socket + ",server=on,wait=off"}, args)
	started, err := emulator.StartProcess(p.side.Program, p.dir, nil, full...)
	if err != nil {
		return nil, err
	}
	defer started.Kill()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		if c, err := dial(ctx, socket, false, false); err == nil {
			c.send(`{"execute": "qmp_capabilities"} {"execute": "quit"}`, nil)
			<-started.Done()
			c.conn.Close()
		}
	}()
	return p.ended(ctx, &process{Process: started})
}

// commandLineBase leaves out what args say themselves.
func (p *player) commandLineBase(args []string) []string {
	var base []string
	all := slices.Concat(p.side.Machine, common)
	for i := 0; i < len(all); i++ {
		option, hasValue := all[i], i+1 < len(all) && !strings.HasPrefix(all[i+1], "-")
		said := slices.Contains(args, option)
		if !said {
			base = append(base, option)
		}
		if hasValue {
			i++
			if !said {
				base = append(base, all[i])
			}
		}
	}
	return base
}
