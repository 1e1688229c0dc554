package cmdline

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// maxConfigFile bounds the file of -readconfig, in bytes.
const maxConfigFile = 1 << 20

// readConfigOption is -readconfig: a file of options, section by section. Each section is taken for the option of that
// name:
//
//	[chardev "mon0"]
//	  backend = "stdio"
func readConfigOption(r *run, name string) error {
	if r.parser.ReadFile == nil {
		return fail("Could not open '%s': files of options cannot be read here", name)
	}
	data, err := r.parser.ReadFile(name)
	if err != nil {
		if why, ok := errors.AsType[*fs.PathError](err); ok {
			err = why.Err
		}
		return fail("Could not open '%s': %s", name, upperFirst(err.Error()))
	}
	if len(data) > maxConfigFile {
		return fail("Could not read '%s': more than %d bytes", name, maxConfigFile)
	}
	back := r.at
	c := configFile{run: r}
	line := Origin{File: name}
	for text := range strings.Lines(string(data)) {
		line.Line++
		r.at = line
		if err := c.line(strings.TrimSpace(text)); err != nil {
			return err
		}
	}
	if err := c.close(); err != nil {
		return err
	}
	r.at = back
	return nil
}

// configFile is the section that is being read.
type configFile struct {
	run   *run
	parse func(r *run, value string) error // of the section's option; nil before the first section
	text  []string                         // what its argument would have been
	start Origin
}

func (c *configFile) line(line string) error {
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	if head, ok := strings.CutPrefix(line, "["); ok {
		if err := c.close(); err != nil {
			return err
		}
		return c.open(head)
	}
	key, value, ok := strings.Cut(line, "=")
	value, quoted := unquote(strings.TrimSpace(value))
	switch key = strings.TrimSpace(key); {
	case !ok || !quoted || key == "" || strings.Contains(key, ","):
		return fail("parse error")
	case c.parse == nil:
		return fail("no group defined")
	}
	c.text = append(c.text, key+"="+strings.ReplaceAll(value, ",", ",,"))
	return nil
}

// open starts a section; head is what follows the bracket: name] or name "id"].
func (c *configFile) open(head string) error {
	head, ok := strings.CutSuffix(head, "]")
	name, id, named := strings.Cut(head, " ")
	id, quoted := unquote(id)
	if !ok || named && !quoted {
		return fail("parse error")
	}
	if c.parse = sectionOption(name); c.parse == nil {
		return fail("There is no option group '%s'", name)
	}
	c.start, c.text = c.run.at, nil
	if named {
		c.text = append(c.text, "id="+strings.ReplaceAll(id, ",", ",,"))
	}
	return nil
}

// close hands the finished section to its option. Messages name the section's first line.
func (c *configFile) close() error {
	if c.parse == nil {
		return nil
	}
	c.run.at = c.start
	return c.parse(c.run, strings.Join(c.text, ","))
}

// sectionOption finds the option that a section stands for, or nil.
func sectionOption(section string) func(*run, string) error {
	name := map[string]string{"memory": "m", "smp-opts": "smp", "boot-opts": "boot"}[section]
	if name == "" {
		name = section
	}
	grouped := name == "machine" || name == "smp" || name == "boot" || name == "m"
	for _, s := range specs() {
		grouped = grouped || s.name == name
	}
	told, _ := OptionGroups()
	grouped = grouped || slices.ContainsFunc(told, func(g OptionGroup) bool { return g.Name == name })
	if !grouped {
		return nil
	}
	for _, s := range table() {
		for _, o := range s.options {
			if o.name == name {
				return o.parse
			}
		}
	}
	return nil
}

func unquote(text string) (inner string, ok bool) {
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return "", false
	}
	return text[1 : len(text)-1], true
}

// upperFirst gives an error of the system the spelling that C has.
func upperFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
