package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// waitTime is what a reply, a migration that is to reach a point and a process that is to end get, on a machine
	// that does a lot besides.
	waitTime = 60 * time.Second
	// settleTime is what an answer gets to become what the script says, where it shows a state that may lag behind.
	settleTime = 10 * time.Second
	// hopelessTime is what something gets that is known not to come.
	hopelessTime = 500 * time.Millisecond
)

// A player plays one script against one side.
type player struct {
	side Side
	dir  string // DIR in the script
	text bool   // the script is one for the text monitor
	// explore waits for whatever comes, to write it down. Otherwise it is known how many replies are to come.
	explore bool

	processes map[string]*process
	clients   map[string]*client
	normal    *normalizer
	inline    bool
	drop      []*regexp.Regexp // lines that do not count
	noPasses  bool
	files     []*os.File // go with the next request
	expected  []string   // what the script has for this step
	hopeless  bool       // it is known that what this step waits for does not come
}

// Play returns the replies of a side to each step of a script.
func Play(ctx context.Context, side Side, s *Script, explore bool) ([][]string, error) {
	dir, err := os.MkdirTemp("", "qc")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	// The name it is called by is part of its messages.
	program := filepath.Join(dir, "qemu-system-x86_64")
	if err := os.Symlink(side.Program.Path, program); err != nil {
		return nil, err
	}
	side.Program.Path = program
	p := &player{
		side: side, dir: dir, text: strings.HasSuffix(s.Name, ".hmp"), explore: explore,
		processes: map[string]*process{}, clients: map[string]*client{},
		normal: newNormalizer(program, "PROG", dir, "DIR", "qemu-system-x86_64: ", "PROG: "),
	}
	defer p.end()
	replies := make([][]string, len(s.Steps))
	for i, step := range s.Steps {
		if !step.acts() {
			continue
		}
		replies[i], err = p.step(ctx, step)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", s.Name, step.Line, side.Tag, err)
		}
	}
	return replies, nil
}

// patience is how long to wait for something.
func (p *player) patience() time.Duration {
	if p.hopeless && !p.explore {
		return hopelessTime
	}
	return waitTime
}

func (p *player) end() {
	for _, c := range p.clients {
		c.conn.Close()
	}
	for _, process := range p.processes {
		process.Kill()
	}
}

// step does what a line says and returns the lines that came back, in the form in which they are compared.
func (p *player) step(ctx context.Context, step *Step) ([]string, error) {
	line := strings.ReplaceAll(step.Text, "DIR/", p.dir+"/")
	var replies []string
	var err error
	p.expected, p.hopeless = step.Expected(p.side.Tag), step.hopeless(p.side.Tag)
	if directive, ok := strings.CutPrefix(line, "! "); ok {
		replies, err = p.direct(ctx, directive)
	} else if command, ok := strings.CutPrefix(line, "$ "); ok {
		replies, err = p.commandLine(ctx, words(command))
	} else {
		replies, err = p.request(ctx, line)
	}
	return p.comparable(replies), err
}

// comparable brings replies into the form in which they are compared. How many passes an active migration makes is a
// matter of time, so those that come while it is active do not count, and no other one that repeats the one before.
func (p *player) comparable(replies []string) []string {
	var out []string
	last := ""
	for _, reply := range replies {
		line := p.normal.line(reply)
		if slices.ContainsFunc(p.drop, func(re *regexp.Regexp) bool { return re.MatchString(line) }) {
			continue
		}
		isPass := strings.Contains(line, `"event": "MIGRATION_PASS"`)
		if isPass && (p.noPasses || line == last || strings.Contains(last, `"status": "active"`)) {
			continue
		}
		out = append(out, line)
		last = line
	}
	return out
}

// request sends a line, or with ->> exactly some bytes, and collects the replies.
func (p *player) request(ctx context.Context, line string) ([]string, error) {
	name, text, ok := strings.Cut(line, "->")
	if !ok {
		return nil, fmt.Errorf("what is %q?", line)
	}
	quoted, raw := strings.CutPrefix(text, "> ")
	if raw {
		exact, err := rawBytes(quoted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", quoted, err)
		}
		text = exact
	} else {
		text = strings.TrimPrefix(text, " ") + "\n"
	}
	c, err := p.client(ctx, strings.TrimSpace(name))
	if err != nil {
		return []string{err.Error()}, nil
	}
	known := len(p.expected)
	if raw && p.explore {
		known = -1
	}
	replies := p.ask(c, text, known)
	if !c.inline && looksOnly(text) {
		replies = p.settled(c, text, replies)
	}
	return replies, nil
}

// looksOnly tells a request that changes nothing, so that it may be repeated.
func looksOnly(text string) bool {
	return strings.HasPrefix(text, `{"execute": "query-`) || strings.HasPrefix(text, "info ")
}

// settled asks again as long as the answer is not the script's, for a while: states and lists of an emulator's other
// threads lag behind its events by a moment, and a script knows no moments.
func (p *player) settled(c *client, text string, replies []string) []string {
	deadline := time.Now().Add(settleTime)
	for !p.explore && !slices.Equal(p.comparable(replies), p.expected) && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
		replies = p.ask(c, text, max(len(p.expected), 1))
	}
	return replies
}

// ask sends text and returns what comes back: so many lines if their number is known.
func (p *player) ask(c *client, text string, known int) []string {
	c.send(text, p.files)
	p.files = nil
	switch {
	case c.text:
		return c.takeText(waitTime)
	case p.explore:
		p.settle(func() bool { return known >= 0 && c.has(1) })
	default: // a reply too many shows up with the next request
		c.wait(waitTime, func() bool { return len(c.replies) >= known })
	}
	return c.take()
}

// These show up where replies are expected.
var (
	errNoClient = errors.New("(no client of that name)")
	errNoAnswer = errors.New("(cannot connect)")
	errEnded    = errors.New("(the process has ended)")
)

// client returns the client of a name. A process has one of its own name, which connects when it is first used; the
// process "vm" and its client, whose name need not be said, are there without being asked for.
func (p *player) client(ctx context.Context, name string) (*client, error) {
	if name == "" {
		name = "vm"
	}
	if c := p.clients[name]; c != nil {
		return c, nil
	}
	if process := p.processes[name]; process == nil {
		if name != "vm" {
			return nil, errNoClient
		}
		if _, err := p.start(name, nil); err != nil {
			return nil, err
		}
	} else if process.hasEnded() {
		return nil, errEnded
	}
	kind := "qmp"
	if p.text {
		kind = "hmp"
	}
	if _, err := p.connect(ctx, name, filepath.Join(p.dir, name+"."+kind), kind); err != nil {
		return nil, err
	}
	if p.clients[name] == nil {
		return nil, errNoAnswer
	}
	return p.clients[name], nil
}
