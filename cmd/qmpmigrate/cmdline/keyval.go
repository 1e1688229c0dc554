package cmdline

import (
	"strings"

	"qmpmigrate/qapi/qobject"
)

const (
	maxFragment = 127 // bytes of one part of a dotted key, as QEMU has it
	maxDepth    = 256 // parts of a dotted key; more than any schema is deep, and it bounds recursion
)

// ParseKeyval reads key=value,... where dots in keys descend into objects and all-digit parts are list indexes. All
// scalars of the result are strings. implied is the key of a bare first word; empty for none. help tells that a word
// asked for help; the result then holds the rest.
func ParseKeyval(text, implied string) (tree *qobject.Dict, help bool, err error) {
	k := keyval{root: qobject.NewDict()}
	for text != "" {
		if text, err = k.item(text, implied); err != nil {
			return nil, false, err
		}
		implied = ""
	}
	if err := listify(k.root, ""); err != nil {
		return nil, false, err
	}
	return k.root, k.help, nil
}

// keyval collects items as nested objects; lists come later, when all indexes are known.
type keyval struct {
	root *qobject.Dict
	help bool
}

// item stores the first item of text and returns what follows it.
func (k *keyval) item(text, implied string) (rest string, err error) {
	end := strings.IndexAny(text, "=,")
	if end < 0 {
		end = len(text)
	}
	name, after := text[:end], text[end:]
	if !strings.HasPrefix(after, "=") && name != "" {
		if isHelp(name) {
			k.help = true
			return strings.TrimPrefix(after, ","), nil
		}
		if implied != "" {
			// Unlike a value after '=', a bare one ends at any comma: ",," would need a key after it.
			k.root.Set(implied, name)
			return strings.TrimPrefix(after, ","), nil
		}
	}
	holder, leaf, err := k.descend(name)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(after, "=") {
		return "", fail("Expected '=' after parameter '%s'", name)
	}
	value, rest := nextValue(after[1:])
	if old, ok := holder.Get(leaf); ok {
		if _, node := old.(*qobject.Dict); node {
			return "", fail("Parameters '%s.*' used inconsistently", name)
		}
	}
	holder.Set(leaf, value)
	return strings.TrimPrefix(rest, ","), nil
}

// descend checks a dotted key, makes the objects on its way and returns the innermost with the last part.
func (k *keyval) descend(name string) (holder *qobject.Dict, leaf string, err error) {
	holder = k.root
	for pos, depth := 0, 0; ; depth++ {
		part, _, more := strings.Cut(name[pos:], ".")
		if part == "" || !(pos > 0 && isIndex(part)) && qapiNameLen(name[pos:]) != len(part) {
			// A vendor's prefix may hold dots of its own: __com.example_x
			n := qapiNameLen(name[pos:])
			if n <= len(part) || n < len(name)-pos && name[pos+n] != '.' {
				return nil, "", invalidParameter(name)
			}
			part, more = name[pos:pos+n], pos+n < len(name)
		}
		switch {
		case len(part) > maxFragment && len(part) == len(name):
			return nil, "", fail("Parameter '%s' is too long", part)
		case len(part) > maxFragment:
			return nil, "", fail("Parameter fragment '%s' is too long", part)
		case depth == maxDepth:
			return nil, "", fail("Parameter '%s' is nested too deeply", name)
		case !more:
			return holder, part, nil
		}
		pos += len(part)
		if holder, err = child(holder, part, name[:pos]); err != nil {
			return nil, "", err
		}
		pos++
	}
}

// child returns the object under part, made if there is none.
func child(holder *qobject.Dict, part, path string) (*qobject.Dict, error) {
	old, ok := holder.Get(part)
	if !ok {
		made := qobject.NewDict()
		holder.Set(part, made)
		return made, nil
	}
	if node, ok := old.(*qobject.Dict); ok {
		return node, nil
	}
	return nil, fail("Parameters '%s.*' used inconsistently", path)
}
