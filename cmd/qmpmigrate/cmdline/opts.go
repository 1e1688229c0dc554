package cmdline

import "strings"

// item is one key=value of a QemuOpts text.
type item struct {
	key, value string
	flag       string // the word as it was written, if it was a bare one and stood for a switch
}

// nextItem takes the first item off text. implied is the key of a bare word, or empty when a bare word is a switch:
// foo is foo=on and nofoo is foo=off. In values ",," is a comma.
func nextItem(text, implied string) (it item, rest string) {
	end := strings.IndexAny(text, "=,")
	switch {
	case end >= 0 && text[end] == '=':
		it.key = text[:end]
		it.value, rest = nextValue(text[end+1:])
	case implied != "":
		it.key = implied
		it.value, rest = nextValue(text)
	default:
		if end < 0 {
			end = len(text)
		}
		it.flag, rest = text[:end], text[end:]
		it.key, it.value = it.flag, "on"
		if off, ok := strings.CutPrefix(it.flag, "no"); ok {
			it.key, it.value = off, "off"
		}
	}
	return it, strings.TrimPrefix(rest, ",")
}

// nextValue reads up to a single comma, which it leaves in rest, and undoubles the others.
func nextValue(text string) (value, rest string) {
	var b strings.Builder
	for {
		end := strings.IndexByte(text, ',')
		if end < 0 {
			b.WriteString(text)
			return b.String(), ""
		}
		b.WriteString(text[:end])
		if !strings.HasPrefix(text[end+1:], ",") {
			return b.String(), text[end:]
		}
		b.WriteByte(',')
		text = text[end+2:]
	}
}

// instead words how a switch should have been written.
func (it item) instead() string {
	switch it.flag {
	case "nodelay": // the one key whose own name starts with "no"
		return "Please use nodelay=on instead"
	case "delay":
		return "Please use nodelay=off instead"
	}
	return "Please use " + it.key + "=" + it.value + " instead"
}

// opts is one use of a QemuOpts option: what was said, in order.
type opts struct {
	spec  *spec
	id    string
	items []item
	where Origin
}

// set appends key=value after checking it; the last of equal keys counts.
func (o *opts) set(name, value string) error {
	k, ok := o.spec.find(name)
	if !ok {
		return invalidParameter(name)
	}
	if err := k.check(value); err != nil {
		return err
	}
	o.items = append(o.items, item{key: name, value: value})
	return nil
}

// parse adds the items of text. warn hears of switches written as bare words. It is nil where those are in order; there
// is no help to be had in those places either.
func (o *opts) parse(text, implied string, warn func(item)) error {
	for text != "" {
		var it item
		it, text = nextItem(text, implied)
		implied = ""
		switch {
		case it.flag == "":
		case warn == nil:
		case !isHelp(it.flag):
			warn(it)
		case o.spec.keys != nil:
			return o.spec.help()
		}
		if it.key == "id" {
			continue // read beforehand, see scanID
		}
		if err := o.set(it.key, it.value); err != nil {
			return err
		}
	}
	return nil
}

// scanID returns the id that text gives its entry; the first of several counts.
func scanID(text string) (id string, ok bool) {
	for text != "" {
		var it item
		if it, text = nextItem(text, ""); it.key == "id" {
			return it.value, true
		}
	}
	return "", false
}
