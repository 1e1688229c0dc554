package main

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
)

// messages is the standard error as -msg wants it: each message begins with
// the time and with the guest's name. Lines that follow a message do not.
type messages struct {
	out   io.Writer
	start string // what a message begins with
	stamp bool
	guest string

	mu sync.Mutex
}

// newMessages puts what -msg asks for before messages of prog.
func newMessages(out io.Writer, prog string, conf *cmdline.Config) io.Writer {
	m := &messages{out: out, start: prog + ":", stamp: conf.Msg.Timestamp}
	if conf.Msg.GuestName {
		m.guest = conf.Name.Guest
	}
	if !m.stamp && m.guest == "" {
		return out
	}
	return m
}

// Write takes whole lines.
func (m *messages) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var text strings.Builder
	for line := range bytes.Lines(p) {
		if bytes.HasPrefix(line, []byte(m.start)) {
			text.WriteString(m.prefix())
		}
		text.Write(line)
	}
	if _, err := io.WriteString(m.out, text.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (m *messages) prefix() (text string) {
	if m.stamp {
		text = time.Now().UTC().Format("2006-01-02T15:04:05.000000Z") + " "
	}
	if m.guest != "" {
		text += m.guest + " "
	}
	return text
}
