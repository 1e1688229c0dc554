package hmp

import (
	"errors"
	"fmt"
	"strings"

	"qmpmigrate/hmp/syntax"
)

// parser reads the arguments of one command.
type parser struct {
	*syntax.Scanner
	command *command
	call    *call
	values  arguments
}

// parse reads everything that follows a command's name. Errors are what users see.
func (c *call) parse(s *syntax.Scanner, command *command) (arguments, error) {
	p := &parser{Scanner: s, command: command, call: c, values: arguments{}}
	for i := range command.args {
		if err := p.argument(command.args, i); err != nil {
			return nil, err
		}
	}
	if !p.SkipBlanks() {
		return nil, p.errorf("extraneous characters at the end of line")
	}
	return p.values, nil
}

// errorf is an error that begins with the command's name as the table has it.
func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %s", p.command.name, fmt.Sprintf(format, args...))
}

func (p *parser) argument(all []argument, i int) error {
	a := &all[i]
	switch a.kind {
	case '-':
		return p.flag(a, all[i+1:])
	case '/':
		return p.format(a)
	}
	atEnd := p.SkipBlanks()
	switch {
	case a.optional && atEnd:
		return nil
	case a.dotted:
		if !p.Accept('.') {
			return nil
		}
		p.SkipBlanks()
	}
	v, err := p.value(a)
	if err == nil {
		p.values[a.name] = v
	}
	return err
}

// value reads an argument by its kind.
func (p *parser) value(a *argument) (any, error) {
	switch a.kind {
	case 's', 'F', 'B':
		return p.word(a.kind)
	case 'S':
		if p.SkipBlanks() {
			return nil, p.errorf("string expected")
		}
		return p.Remainder(), nil
	case 'i', 'l', 'M':
		return p.integer(a.kind)
	case 'o':
		return p.Size()
	case 'T':
		return p.Seconds()
	case 'b':
		return p.OnOff()
	}
	return nil, p.errorf("unknown type '%c'", a.kind)
}

func (p *parser) word(kind byte) (any, error) {
	word, err := p.Word()
	if err == nil {
		return word, nil
	}
	if !errors.Is(err, syntax.ErrNoWord) {
		p.call.server.config.Report(err.Error())
	}
	switch kind {
	case 'F':
		return nil, p.errorf("filename expected")
	case 'B':
		return nil, p.errorf("block device name expected")
	}
	return nil, p.errorf("string expected")
}

func (p *parser) integer(kind byte) (any, error) {
	n, err := p.Expr()
	switch {
	case err != nil:
		return nil, err
	case kind == 'i' && n>>32 != 0:
		return nil, fmt.Errorf("'%s' has failed: integer is for 32-bit values", p.command.name)
	case kind == 'M' && n < 0:
		return nil, errors.New("enter a positive value")
	case kind == 'M':
		n <<= 20
	}
	return n, nil
}

// flag reads a flag if it comes; later are the arguments that may come in its place.
func (p *parser) flag(a *argument, later []argument) error {
	p.SkipBlanks()
	rest := p.Rest()
	if !strings.HasPrefix(rest, "-") {
		return nil
	}
	letter := (rest + "\x00")[1]
	if letter != a.flag {
		if a.extra {
			return nil
		}
		for i := range later {
			if later[i].kind == '-' && later[i].flag == letter {
				return nil
			}
		}
		return p.errorf("unsupported option -%s", string([]byte{letter}))
	}
	p.Accept('-')
	p.Accept(letter)
	if !a.valued {
		p.values[a.name] = true
		return nil
	}
	word, err := p.Word()
	if err != nil {
		return p.errorf("value expected for -%c", letter)
	}
	p.values[a.name] = word
	return nil
}

func (p *parser) format(a *argument) error {
	f, err := p.Format(*p.call.shell.format)
	if err == nil {
		p.values[a.name] = f
		*p.call.shell.format = f.Last(*p.call.shell.format)
	}
	return err
}
