package emulator

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// An Exit is how a program that was run to its end came out.
type Exit struct {
	Status  int    // exit status, -1 when a signal killed it
	Output  string // end of stdout and stderr
	MaxRSS  int64  // bytes of memory it had resident at most, or if that is more, what this process had when it started it
	Process string // state in words, for messages
}

// Run runs p to its end, without a monitor, in dir.
func Run(ctx context.Context, p Program, dir string, args ...string) (Exit, error) {
	pr, err := startProcess(p, dir, nil, args)
	if err != nil {
		return Exit{}, err
	}
	state, err := pr.wait(ctx)
	if err != nil {
		pr.kill()
		return Exit{}, fmt.Errorf("%s %q: %w\nits output: %s", p.Name, args, err, pr.stderr)
	}
	return pr.exit(state), nil
}

func (pr *process) exit(state *os.ProcessState) Exit {
	exit := Exit{Status: state.ExitCode(), Output: pr.stderr.String(), Process: state.String()}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		exit.MaxRSS = usage.Maxrss << 10
	}
	return exit
}
