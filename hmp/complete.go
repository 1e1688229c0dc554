package hmp

import (
	"os"
	"path/filepath"
	"strings"

	"qmpmigrate/hmp/syntax"
)

// candidates finds how the last word of a line can go on, and how much of it was typed.
func (c *call) candidates(line string) (candidates []string, typed int) {
	words, ok := syntax.Words(line, maxWords)
	if !ok {
		return nil, 0
	}
	if len(words) == 0 || syntax.TrimBlanks(line) != line {
		words = append(words, "")
	}
	if len(words) > maxWords {
		return nil, 0
	}
	last := words[len(words)-1]
	for _, candidate := range c.complete(c.server.table, words) {
		if strings.HasPrefix(candidate, last) {
			candidates = append(candidates, candidate)
		}
	}
	return candidates, len(last)
}

// complete lists what the last of words can be, where t holds the command that they begin with.
func (c *call) complete(t table, words []string) []string {
	if len(words) == 1 {
		return c.commandNames(t)
	}
	command := t.find(words[0])
	switch {
	case command == nil || !c.server.available(command):
		return nil
	case command.sub != nil:
		return c.complete(command.sub, words[1:])
	case command.complete != nil:
		return command.complete(c, words[1:])
	case command.is("help"):
		return c.complete(t, words[1:])
	case command.argumentKind(len(words)-2) == 'F':
		return fileNames(words[len(words)-1])
	}
	return nil
}

func (c *call) commandNames(t table) (names []string) {
	for i := range t {
		if c.server.available(&t[i]) {
			names = append(names, t[i].names()...)
		}
	}
	return names
}

// argumentKind is the kind of an argument, counted from 0; flags are passed over where the cursor is at one.
func (c *command) argumentKind(n int) byte {
	for n < len(c.args) && c.args[n].kind == '-' {
		n++
	}
	if n < len(c.args) {
		return c.args[n].kind
	}
	return 0
}

// maxNames bounds how many files of a folder are looked at.
const maxNames = 4096

// fileNames lists the files that a path can mean when it goes on.
func fileNames(typed string) (names []string) {
	folder, prefix := filepath.Split(typed)
	d, err := os.Open(folder + ".")
	if err != nil {
		return nil
	}
	defer d.Close()
	entries, _ := d.Readdirnames(maxNames)
	for _, name := range entries {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		path := folder + name
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path += "/"
		}
		names = append(names, path)
	}
	return names
}
