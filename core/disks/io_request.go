package disks

import (
	"io"
	"strconv"
	"strings"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi/scalar"
)

// request is one read or write.
type request struct {
	node        *block.Node
	out         io.Writer
	name, usage string
	stats       *block.Stats // nil: it does not count

	off, length   int64
	pattern       int // -1: none was given
	zeros         bool
	quiet, dump   bool
	invalid       bool
	flush         bool
	from, compare int64 // what of it is to be the pattern; compare -1: all
}

// parse reads the command's arguments; false means that it said what is wrong.
func (r *request) parse(words []string) bool {
	r.pattern, r.compare = -1, -1
	letters := map[string]string{"read": "Pslqv", "write": "Pfqz", "aio_read": "Piqv", "aio_write": "Pfiqz"}[r.name]
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		flags := words[0][1:]
		words = words[1:]
		for flags != "" {
			letter := flags[:1]
			flags = flags[1:]
			if !strings.Contains(letters, letter) {
				r.say("%s %s\n", r.name, r.usage)
				return false
			}
			value := ""
			if takesValue(letter) {
				if value = flags; value == "" && len(words) > 0 {
					value, words = words[0], words[1:]
				}
				flags = ""
			}
			if !r.flag(letter, value) {
				return false
			}
		}
	}
	if r.invalid {
		return true
	}
	if len(words) < 2 || len(words) > 2 && (r.stats == nil || r.zeros) {
		r.say("%s %s\n", r.name, r.usage)
		return false
	}
	if r.zeros && r.pattern >= 0 {
		r.say("Only one of -z, -P, and -s can be specified at the same time\n")
		return false
	}
	if !r.number(words[0], &r.off) {
		return false
	}
	for _, word := range words[1:] {
		var length int64
		if !r.number(word, &length) {
			return r.refuse()
		}
		if length > maxRequest-r.length && !r.zeros {
			r.say("length cannot exceed %d, given %s\n", maxRequest, word)
			return r.refuse()
		}
		r.length += length
	}
	if r.compare < 0 {
		r.compare = r.length - r.from
	}
	if r.compare < 0 || r.compare > r.length-r.from {
		r.say("pattern verification range exceeds end of read data\n")
		return false
	}
	return true
}

// refuse counts a request that cannot be, where it counts, and gives false.
func (r *request) refuse() bool {
	if r.stats != nil {
		r.stats.Refused(r.kind())
	}
	return false
}

func (r *request) flag(letter, value string) bool {
	switch letter {
	case "q":
		r.quiet = true
	case "v":
		r.dump = true
	case "i":
		r.invalid = true
	case "z":
		r.zeros = true
	case "f":
		r.flush = true
	case "s":
		return r.number(value, &r.from)
	case "l":
		return r.number(value, &r.compare)
	case "P":
		n, err := strconv.ParseUint(value, 0, 8)
		if err != nil {
			r.say("%s is not a valid pattern byte\n", value)
			return false
		}
		r.pattern = int(n)
	}
	return true
}

func (r *request) number(text string, n *int64) bool {
	value, err := scalar.Size(text)
	switch {
	case err != nil:
		r.say("Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- %s\n", text)
		return false
	case value > 1<<63-1:
		r.say("Parsing error: argument too large -- %s\n", text)
		return false
	}
	*n = int64(value)
	return true
}

// takesValue says whether a letter is that of an option with a value.
func takesValue(letter string) bool { return letter == "P" || letter == "s" || letter == "l" }
