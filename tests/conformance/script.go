package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Reference is the tag of the emulator whose replies a script holds in full; of the others it holds what differs.
const Reference = "-"

// A Script is a conversation: steps, each with the lines that came back.
type Script struct {
	Name  string
	Steps []*Step
}

// A Step is a line of a script and the lines below it that begin with "<".
type Step struct {
	Text string // a comment, a directive, or what is sent
	Line int
	// Replies are the lines that an emulator answers with, by its tag. One that has no entry of its own answers as the
	// Reference does.
	Replies map[string][]string
}

// nothing stands for the replies of an emulator that gives none where the Reference gives some.
const nothing = "(nothing)"

// These stand for what was waited for and did not come.
const (
	noEvent     = "(no such event)"
	runsOn      = "(runs on)"
	nobodyReads = "(nobody reads)"
)

// hopeless tells whether it is known that what an emulator is waited for does not come.
func (s *Step) hopeless(tag string) bool {
	return slices.ContainsFunc(s.Expected(tag), func(line string) bool {
		return line == noEvent || line == runsOn || line == nobodyReads || line == errEnded.Error()
	})
}

// Parse reads a script.
func Parse(name, text string) (*Script, error) {
	s := &Script{Name: name}
	if !strings.HasPrefix(text, "# ") {
		return nil, fmt.Errorf("%s: does not begin with why it exists", name)
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		reply, isReply := strings.CutPrefix(line, "<")
		if !isReply {
			s.Steps = append(s.Steps, &Step{Text: line, Line: i + 1, Replies: map[string][]string{}})
			continue
		}
		tag, reply, _ := strings.Cut(reply, " ")
		step := s.Steps[len(s.Steps)-1]
		if !step.acts() {
			return nil, fmt.Errorf("%s:%d: a reply to nothing", name, i+1)
		}
		reply, err := unquote(reply)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		if reply == nothing {
			step.Replies[tag] = []string{}
		} else {
			step.Replies[tag] = append(step.Replies[tag], reply)
		}
	}
	return s, nil
}

// needs are what a host must have for the script to be played.
func (s *Script) needs() (list []string) {
	for _, step := range s.Steps {
		if what, ok := strings.CutPrefix(step.Text, "! needs "); ok {
			list = append(list, strings.Fields(what)...)
		}
	}
	return list
}

// acts tells a step that does something from comments and empty lines.
func (s *Step) acts() bool { return s.Text != "" && s.Text[0] != '#' }

// Exchange tells whether something is asked that an emulator has to answer.
func (s *Step) Exchange() bool {
	return s.acts() && (s.Text[0] != '!' || len(s.Replies[Reference]) > 0)
}

// Expected returns the replies of an emulator.
func (s *Step) Expected(tag string) []string {
	if replies, own := s.Replies[tag]; own {
		return replies
	}
	return s.Replies[Reference]
}

// Format writes a script as Parse reads it, the replies of each step in the order of tags.
func (s *Script) Format(tags []string) string {
	var b strings.Builder
	for _, step := range s.Steps {
		b.WriteString(step.Text + "\n")
		for _, tag := range tags {
			replies, own := step.Replies[tag]
			if own && len(replies) == 0 && tag != Reference {
				replies = []string{nothing}
			}
			for _, reply := range replies {
				b.WriteString(strings.TrimRight("<"+tag+" "+quote(reply), " ") + "\n")
			}
		}
	}
	return b.String()
}

// quote writes lines as Go strings that an editor or a reader could mistake.
func quote(line string) string {
	plain := strings.TrimRight(line, " \t\r") == line && !strings.HasPrefix(line, `"`)
	for _, r := range line {
		plain = plain && (r == '\t' || strconv.IsPrint(r))
	}
	if plain {
		return line
	}
	return strconv.Quote(line)
}

func unquote(line string) (string, error) {
	if strings.HasPrefix(line, `"`) {
		return strconv.Unquote(line)
	}
	return line, nil
}
