package cmdline

import (
	"errors"
	"strings"

	"qmpmigrate/qapi/qobject"
)

// Parser reads command lines. The zero value works.
type Parser struct {
	Prog string // the program's name in the help text

	// ReadFile reads the file of -readconfig; nil: the option is refused.
	ReadFile func(name string) ([]byte, error)
}

// Parse reads the arguments after the program's name. The error is an *Error, or an *Exit when a text was asked for;
// Report ends the process with either. Warnings are complete even when there is an error, and come first.
func Parse(prog string, args []string) (*Config, []Warning, error) {
	p := Parser{Prog: prog}
	return p.Parse(args)
}

// Parse is the function of that name, with the parser's settings.
func (p *Parser) Parse(args []string) (*Config, []Warning, error) {
	r := newRun(p)
	err := r.arguments(args)
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return nil, r.warnings, r.blame(err)
	}
	return r.cfg, r.warnings, nil
}

// run is one walk over a command line.
type run struct {
	parser   *Parser
	cfg      *Config
	at       Origin // what messages are about right now
	warnings []Warning

	groups    map[string]*group
	machine   *qobject.Dict // what -machine, -smp, -boot and -m said, merged
	parts     machineParts
	serials   []located
	qtest     *located
	frontends map[*Chardev]int

	machineAccel   string // -machine accel=
	compatMonitors int    // how many -qmp, -qmp-pretty and -monitor there were
}

func newRun(p *Parser) *run {
	r := &run{
		parser: p, cfg: defaults(),
		groups: make(map[string]*group), machine: qobject.NewDict(), frontends: make(map[*Chardev]int),
	}
	for _, s := range specs() {
		r.groups[s.name] = &group{spec: s}
	}
	return r
}

// arguments walks over all options and operands.
func (r *run) arguments(args []string) error {
	options := make(map[string]option)
	for _, s := range table() {
		for _, o := range s.options {
			options[o.name] = o
		}
	}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, dashed := strings.CutPrefix(arg, "-")
		if !dashed {
			r.at = Origin{Option: arg}
			r.operand(arg)
			continue
		}
		name = strings.TrimPrefix(name, "-")
		r.at = Origin{Option: "-" + name}
		o, known := options[name]
		if !known {
			r.at.Option = arg // as it was typed
			return fail("invalid option")
		}
		var value string
		if o.arg != "" {
			if len(args) == 0 {
				return fail("requires an argument")
			}
			value, args = args[0], args[1:]
			r.at.Value, r.at.HasValue = value, true
		}
		if err := o.parse(r, value); err != nil {
			return err
		}
	}
	r.at = Origin{}
	return nil
}

// blame adds the place in work to an error that has none.
func (r *run) blame(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Origin == (Origin{}) {
			e.Origin = r.at
		}
		return e
	}
	return err
}

// group returns the uses of a QemuOpts option.
func (r *run) group(name string) *group { return r.groups[name] }

// opts parses QemuOpts text into its group.
func (r *run) opts(name, value string) error {
	_, err := r.groups[name].parse(value, r.at, r.warnFlag)
	return err
}

// warnFlag warns of a switch written as a bare word.
func (r *run) warnFlag(it item) {
	r.warn("short-form boolean option '"+it.flag+"' deprecated", it.instead())
}

func (r *run) warn(text string, hints ...string) {
	r.warnings = append(r.warnings, Warning{Origin: r.at, Level: LevelWarning, Text: text, Hints: hints})
}
